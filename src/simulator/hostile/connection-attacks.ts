import type { SigningIdentity } from '../../signer/index'
import type { Connection } from '../../wire/index'
import type { Attack } from './attack'
import type { Visit } from './hostile-session'

/** Sizes of the messages that the dialling side's handshake consists of. */
const HANDSHAKE: readonly number[] = [34, 160]

/** A session whose every frame behind the handshake is sent as `change` does. */
async function overChanged(
  visit: Visit,
  change: (message: Uint8Array, send: Connection['send']) => Promise<void>,
): Promise<void> {
  const { connection } = visit
  const send = (message: Uint8Array) => connection.send(message)
  const changed: Connection = {
    remote: connection.remote,
    initiator: connection.initiator,
    closed: connection.closed,
    onMessage: handler => connection.onMessage(handler),
    close: () => connection.close(),
    send: message => (HANDSHAKE.includes(message.length) ? send(message) : change(message, send)),
  }
  const session = await visit.secure(changed)
  await session.hello()
  while (!session.ended) await visit.wait(1_000)
}

/** Who brings a proof of identity that is none. */
function* pretenders({ signer, honest }: Visit): Generator<[proof: string, signer: SigningIdentity]> {
  const { did, publicKey } = honest()
  yield ['a signature of zeros', { did, publicKey, sign: async () => new Uint8Array(64) }]
  yield ['a signature by another key', { did, publicKey, sign: message => signer.sign(message) }]
  const changing = (change: (message: Uint8Array) => void): SigningIdentity => ({
    ...{ did: signer.did, publicKey: signer.publicKey },
    sign: message => {
      const changed = message.slice()
      change(changed)
      return signer.sign(changed)
    },
  })
  // What is signed ends with the role and 32 bytes of the static key: nobody else's would fit.
  yield ['the proof of another role', changing(message => (message[message.length - 33]! ^= 1))]
  yield ['a proof for another static key', changing(message => (message[message.length - 1]! ^= 1))]
}

/** Attacks below and around the session. */
export const CONNECTION_ATTACKS = {
  'slow-loris': {
    story: 'opens many connections and shakes hands on none',
    punished: [],
    async run(visit) {
      const connections: Connection[] = []
      for (let i = 0; i < 40; i++) connections.push(await visit.dial())
      for (const connection of connections) await connection.send(Uint8Array.of(1)).catch(() => {})
      await visit.wait(20_000)
    },
  },
  silence: {
    story: 'shakes hands and never says hello',
    punished: ['timeout'],
    async run(visit) {
      const session = await visit.secure()
      while (!session.ended) await visit.wait(1_000)
    },
  },
  'falls-silent': {
    story: 'says hello and then nothing any more, not even that it is alive',
    punished: ['peer-gone'],
    visits: 1,
    heavy: true,
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      while (!session.ended) await visit.wait(1_000)
    },
  },
  'never-reads': {
    story: 'asks for everything and takes nothing off the wire',
    punished: ['limit', 'timeout', 'peer-gone'],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      session.channel.pause()
      while (!session.ended) {
        await session.send({ type: 'ping' })
        await visit.wait(2_000)
      }
    },
  },
  replay: {
    story: 'sends every encrypted frame twice',
    punished: ['handshake'],
    async run(visit) {
      await overChanged(visit, async (message, send) => {
        await send(message)
        await send(message)
      })
    },
  },
  'cut-frames': {
    story: 'sends encrypted frames that are cut short',
    punished: ['handshake', 'truncated'],
    async run(visit) {
      await overChanged(visit, (message, send) => send(message.slice(0, visit.random.below(message.length))))
    },
  },
  noise: {
    story: 'sends random bytes in place of a handshake',
    punished: [],
    async run(visit) {
      for (const length of [0, 33, 34, 35, 160, 65_535])
        await visit.connection.send(visit.random.bytes(length)).catch(() => {})
      await visit.wait(2_000)
    },
  },
  impersonation: {
    story: 'says that it is one of the honest, or proves its own identity for another role or another static key',
    punished: [],
    visits: 2,
    heavy: true,
    async run(visit) {
      for (const [proof, signer] of pretenders(visit)) {
        const session = await visit.secureAs(signer)
        await session.hello()
        if (await session.next('hello'))
          visit.world.violate('hostile-borne', `speaks with a peer that brought ${proof}`)
        await session.channel.close()
      }
    },
  },
  'identity-churn': {
    story: 'comes as somebody new every second',
    punished: [],
    async run(visit) {
      const session = await visit.secure()
      await session.hello()
      await visit.wait(500)
      await session.channel.close()
    },
  },
} satisfies Record<string, Attack>
