import { createCipheriv, createDecipheriv, diffieHellman, generateKeyPairSync, sign, verify } from 'node:crypto'
import { Signer } from 'cosmic-embeddings'
import { random, timers } from '#platform'
import { memoryNetwork, memoryTransport } from '../../src/adapters/transport/memory'
import { FrameAssembler, FRAME_PAYLOAD, splitIntoFrames } from '../../src/wire/frames'
import { openSecureChannel, type Connection } from '../../src/wire/index'
import { CipherState } from '../../src/wire/noise-symmetric'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'

const about = `What the secure channel costs both sides together, on one thread. A handshake is a whole one over the memory transport; "its curves" are its
ten X25519 operations, two signatures and two verifications by node:crypto and nothing else. A frame is sealed, opened, and put together again, keys changed
on the way; "cipher" is ChaCha20-Poly1305 of node:crypto, sealed and opened under one key. "one verification" is that of a block's signature by node:crypto,
which the receiver of a block needs besides: at 2 KiB, a block with 384 dimensions. The last rows are bytes.`

const NETWORK = 'bench'
const BLOCK_BYTES = 2_048
const ids = [await Signer.generate(), await Signer.generate()] as const

async function handshakes(): Promise<() => Promise<number>> {
  const network = memoryNetwork()
  let accept = (_: Connection) => {}
  await memoryTransport({ network, name: 'bench' }).listen!(connection => accept(connection))
  const { dial } = memoryTransport({ network })
  const terms = (signer: Signer) => ({ signer, random, timers, network: NETWORK })
  return async () => {
    const accepted = new Promise<Connection>(resolve => (accept = resolve))
    const connection = await dial('memory://bench')
    let bytes = 0
    const counted = (each: Connection): Connection => ({
      ...{ remote: each.remote, initiator: each.initiator, closed: each.closed },
      ...{ onMessage: handler => each.onMessage(handler), close: () => each.close() },
      send: message => ((bytes += message.length), each.send(message)),
    })
    const channels = await Promise.all([
      openSecureChannel(counted(connection), terms(ids[0])),
      accepted.then(each => openSecureChannel(counted(each), terms(ids[1]))),
    ])
    await Promise.all(channels.map(channel => channel.close()))
    return bytes
  }
}

const own = generateKeyPairSync('ed25519')
const message = new Uint8Array(64).fill(1)
const signature = sign(null, message, own.privateKey)
const verifyOne = () => void verify(null, message, own.publicKey, signature)

/** Four key pairs, and three shared secrets a side. */
function curves(): void {
  const [one, other] = [pair(), pair(), pair(), pair()] as const
  for (let i = 0; i < 6; i++) diffieHellman({ privateKey: one.privateKey, publicKey: other.publicKey })
  for (let i = 0; i < 2; i++) verify(null, message, own.publicKey, sign(null, message, own.privateKey))
}
const pair = () => generateKeyPairSync('x25519')

function frames(bytes: Uint8Array): () => void {
  const key = () => new Uint8Array(32).fill(9)
  const [send, receive] = [new CipherState(key()), new CipherState(key())]
  const assembler = new FrameAssembler(4 * 1_048_576)
  return () => {
    for (const frame of splitIntoFrames(bytes)) {
      if (!assembler.push(receive.decrypt(send.encrypt(frame))).ok) throw new Error('a good frame is refused')
    }
  }
}

function cipher(bytes: Uint8Array): () => void {
  const [key, nonce] = [new Uint8Array(32).fill(9), new Uint8Array(12)]
  const terms = { authTagLength: 16 } as const
  return () => {
    const sealing = createCipheriv('chacha20-poly1305', key, nonce, terms)
    const sealed = sealing.update(bytes)
    sealing.final()
    const opening = createDecipheriv('chacha20-poly1305', key, nonce, terms)
    opening.setAuthTag(sealing.getAuthTag())
    opening.update(sealed)
    opening.final()
  }
}

async function run(): Promise<BenchResult[]> {
  const shake = await handshakes()
  const full = new Uint8Array(FRAME_PAYLOAD)
  const block = new Uint8Array(BLOCK_BYTES)
  return [
    await compare({ case: 'handshakes', ours: shake, peers: { 'its curves': curves, 'one verification': verifyOne } }),
    await compare({ case: 'frames of 64 KiB', ours: frames(full), peers: { cipher: cipher(full) } }),
    await compare({
      case: 'messages of 2 KiB',
      ours: frames(block),
      peers: { cipher: cipher(block), 'one verification': verifyOne },
    }),
    { case: 'a handshake', value: await shake(), unit: 'bytes', ratios: {} },
    { case: 'a frame more than its message', value: overhead(), unit: 'bytes', ratios: {} },
  ]
}

function overhead(): number {
  const [frame] = splitIntoFrames(new Uint8Array(100))
  return new CipherState(new Uint8Array(32)).encrypt(frame!).length - 100
}

export default { about, run } satisfies Benchmark
