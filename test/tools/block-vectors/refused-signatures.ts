import { ed25519 } from '@noble/curves/ed25519.js'
import { hex, join, write } from './raw-cbor'
import { EMBEDDING, pack, type RefusedVector, seal, sealWith, seedOf, toBeSigned } from './sealing'

const NEUTRAL = `01${'00'.repeat(31)}`
/** Under ZIP-215 this signs every message for a key of small order. */
const CONSTANT = hex(NEUTRAL + '00'.repeat(32))

/** Keys that can stand for nobody, in its own encoding or another one. */
const WEAK: readonly (readonly [name: string, description: string, key: string])[] = [
  ['order-1', 'The neutral element as author.', NEUTRAL],
  ['order-2', 'The point of order 2 as author.', `ec${'ff'.repeat(30)}7f`],
  ['order-4', 'A point of order 4 as author.', '00'.repeat(32)],
  ['order-8', 'A point of order 8 as author.', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  [
    'order-8-other',
    'The other y of order 8, with the sign bit, as author.',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  ],
  ['negative-zero', 'The neutral element with the sign bit as author.', `01${'00'.repeat(30)}80`],
  ['y-p', 'y = p as author.', `ed${'ff'.repeat(30)}7f`],
  ['y-p-plus-1', 'y = p + 1 as author.', `ee${'ff'.repeat(30)}7f`],
  ['y-p-plus-3', 'y = p + 3 as author.', `f0${'ff'.repeat(30)}7f`],
  ['y-largest', 'y = 2^255 - 1 with the sign bit as author.', 'ff'.repeat(32)],
]

export function refusedSignatures(): RefusedVector[] {
  return [...WEAK.map(weakAuthor), ...wrongSignatures()]
}

function weakAuthor([name, description, key]: (typeof WEAK)[number]): RefusedVector {
  const envelope = pack(sealWith(write({ ...EMBEDDING, author: hex(key) }), CONSTANT))
  return { name: `author-${name}`, description, envelope, code: 'bad-author-key', field: 'author' }
}

function wrongSignatures(): RefusedVector[] {
  const payload = write(EMBEDDING)
  const signature = ed25519.sign(toBeSigned(payload), seedOf(1))
  const [r, s] = [signature.slice(0, 32), signature.slice(32)]
  const order = ed25519.Point.Fn.ORDER
  const wrong = (name: string, description: string, envelope: Uint8Array): RefusedVector => ({
    name: `signature-${name}`,
    description,
    envelope: pack(envelope),
    code: 'bad-signature',
    field: 'signature',
  })
  const other = (name: string, description: string, bytes: Uint8Array): RefusedVector =>
    wrong(name, description, sealWith(payload, bytes))
  const nowhere = Uint8Array.of(2, ...new Uint8Array(31))
  return [
    wrong('other-author', 'Signed by another key.', seal(EMBEDDING, seedOf(2))),
    wrong(
      'other-payload',
      'The signature of a payload that is a millisecond older.',
      sealWith(write({ ...EMBEDDING, time: EMBEDDING.time + 1 }), signature),
    ),
    other('bare', 'Over the payload itself, not over its Sig_structure.', ed25519.sign(payload, seedOf(1))),
    other('zero', '64 zeros.', new Uint8Array(64)),
    other('constant', 'What signs everything for a key of small order, under an honest key.', CONSTANT),
    other('malleable', 'S + L.', join([r, plus(s, order)])),
    other('changed-r', 'One bit of R changed.', signature.with(0, signature[0]! ^ 1)),
    other('changed-s', 'One bit of S changed.', signature.with(32, signature[32]! ^ 1)),
    other('r-off-curve', 'An R that is no point.', join([nowhere, s])),
    wrong(
      'author-off-curve',
      'An author key that is no point.',
      sealWith(write({ ...EMBEDDING, author: nowhere }), CONSTANT),
    ),
  ]
}

/** Little-endian addition in 32 bytes. */
function plus(bytes: Uint8Array, summand: bigint): Uint8Array {
  const sum = bytes.reduceRight((total, byte) => total * 256n + BigInt(byte), 0n) + summand
  return Uint8Array.from({ length: 32 }, (_, i) => Number((sum >> BigInt(8 * i)) & 255n))
}
