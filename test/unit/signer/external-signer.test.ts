import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { externalSigner, Signer } from '../../../src/signer/index'
import { CosmicValidator } from '../../../src/validate/index'

interface Request {
  readonly id: number
  readonly message: Uint8Array
}
type Answer =
  { readonly id: number; readonly signature: Uint8Array } | { readonly id: number; readonly refusal: string }

const ports: MessagePort[] = []
afterEach(() => ports.splice(0).forEach(port => port.close()))

/** The side that holds the key: it answers requests and hands out nothing else. */
function holdKey(signer: Signer, answer: (message: Uint8Array) => Promise<Uint8Array>): MessagePort {
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  port1.on('message', ({ id, message }: Request) => {
    void answer(message).then(
      signature => port1.postMessage({ id, signature } satisfies Answer),
      error => port1.postMessage({ id, refusal: String(error) } satisfies Answer),
    )
  })
  return port2
}

/** The side that has only a port and the public key. */
function remoteKey(publicKey: Uint8Array, port: MessagePort) {
  const waiting = new Map<number, (answer: Answer) => void>()
  port.on('message', (answer: Answer) => waiting.get(answer.id)?.(answer))
  let last = 0
  return externalSigner({
    publicKey,
    sign: message =>
      new Promise((resolve, reject) => {
        waiting.set(++last, answer =>
          'signature' in answer ? resolve(answer.signature) : reject(new Error(answer.refusal)),
        )
        port.postMessage({ id: last, message } satisfies Request)
      }),
  })
}

describe('a key on the other side of a message channel', () => {
  test('signs blocks that everybody accepts', async () => {
    const held = await Signer.generate()
    const signer = remoteKey(
      held.publicKey,
      holdKey(held, message => held.sign(message)),
    )
    expect(signer.did).toBe(held.did)
    const blocks = await Promise.all(
      [1, 2, 3].map(n => createBlock({ embedding: [n], model: 'acme:embed-1', time: n }, signer)),
    )
    for (const block of blocks) {
      expect(await new CosmicValidator().validate(block.bytes)).toMatchObject({ status: 'valid' })
    }
  })

  test('that answers wrongly signs nothing', async () => {
    const [held, other] = [await Signer.generate(), await Signer.generate()]
    const wrong: readonly ((message: Uint8Array) => Promise<unknown>)[] = [
      message => other.sign(message),
      async message => (await held.sign(message)).subarray(1),
      async () => new Uint8Array(64),
      async () => 'signature',
      async () => undefined,
    ]
    for (const answer of wrong) {
      const signer = remoteKey(held.publicKey, holdKey(held, answer as (message: Uint8Array) => Promise<Uint8Array>))
      await expect(signer.sign(new Uint8Array(3))).rejects.toMatchObject({ code: 'bad-signature' })
    }
  })

  test('that refuses says so to whoever wanted to sign', async () => {
    const held = await Signer.generate()
    const port = holdKey(held, () => Promise.reject(new Error('button not pressed')))
    const making = createBlock({ embedding: [1], model: 'acme:embed-1' }, remoteKey(held.publicKey, port))
    await expect(making).rejects.toThrow('button not pressed')
  })

  test('is refused where it could stand for nobody', () => {
    for (const publicKey of [new Uint8Array(32), Uint8Array.of(1, ...new Uint8Array(31)), new Uint8Array(31).fill(9)]) {
      const sign = async (): Promise<Uint8Array> => new Uint8Array(64)
      expect(() => externalSigner({ publicKey, sign })).toThrowError(
        expect.objectContaining({ code: 'bad-author-key' }),
      )
    }
  })
})

test('a signer that is posted or cloned leaves its key behind', async () => {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(0xab))
  const { port1, port2 } = new MessageChannel()
  ports.push(port1, port2)
  const arrived = new Promise(resolve => port2.once('message', resolve))
  port1.postMessage(signer)
  for (const copy of [structuredClone(signer), await arrived]) {
    expect(Object.keys(copy as object).sort()).toEqual(['did', 'publicKey'])
    expect(inspect(copy, { showHidden: true, depth: Infinity })).not.toMatch(/abab|171, 171|q6ur/i)
  }
})
