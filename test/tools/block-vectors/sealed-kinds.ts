import { sha256 } from '@noble/hashes/sha2.js'
import { deriveKeyPair, encrypt, hpkeSeal } from './hpke'
import { cid, type Item, join, utf8, write } from './raw-cbor'
import type { Deviation } from './refused-fields'
import { AUTHOR, changed, EMBEDDING, seedOf, TIME } from './sealing'
import type { Payload, SignedRow } from './valid'

/** Seeds of two recipients' keys, and the key that the sealed vectors encrypt their content with. */
export const [ADA, BOB, CONTENT_KEY] = [seedOf(11), seedOf(12), seedOf(13)]
/** What the sealed vectors hold. */
export const PLAIN = {
  embedding: EMBEDDING.embedding,
  input: { ...EMBEDDING.input, content: 'Water boils at 100 °C.' },
}
export const CONTENT = write(PLAIN)

const EMPTY = new Uint8Array(0)
const ID_PREFIX = Uint8Array.of(1, 0x71, 0x12, 0x20)
const digestOf = (payload: Item): Uint8Array => sha256(write(payload))

/** A content with its marker, filled with zeros. */
export const padded = (content: Uint8Array, size = 1024): Uint8Array =>
  join([content, Uint8Array.of(0x80), new Uint8Array(size - content.length - 1)])

export const encrypted = (plaintext: Uint8Array, author = AUTHOR): Uint8Array =>
  encrypt(CONTENT_KEY, new Uint8Array(12), join([utf8('cosmic-embeddings/sealed/1'), author]), plaintext)

/** A wrap for the key of a seed; by itself it is bound to the vectors' author, content key and no block. */
export function wrap(seed: Uint8Array, of: { author?: Uint8Array; key?: Uint8Array; block?: Uint8Array } = {}) {
  const { author = AUTHOR, key = CONTENT_KEY, block = EMPTY } = of
  const info = join([utf8('cosmic-embeddings/wrap/1'), author, sha256(CONTENT_KEY)])
  const to = deriveKeyPair(seed).publicKey
  return { to, ...hpkeSeal(to, { info, aad: block, seed: sha256(seed) }, key) }
}

/** Sealed for Ada. */
export const SEALED = {
  v: 1,
  kind: 'sealed',
  author: AUTHOR,
  time: TIME,
  sealed: { commit: sha256(CONTENT_KEY), data: encrypted(padded(CONTENT)), wraps: [wrap(ADA)] },
} as const satisfies Item

/** The key of a sealed block's content for Bob. */
export const keywrapOf = (sealed: Item) => ({
  v: 1,
  kind: 'keywrap',
  author: AUTHOR,
  time: TIME + 1,
  keywrap: {
    block: cid(digestOf(sealed)),
    commit: sha256(CONTENT_KEY),
    wraps: [wrap(BOB, { block: join([ID_PREFIX, digestOf(sealed)]) })],
  },
})
export const KEYWRAP = keywrapOf(SEALED)

const numbered = (i: number): Uint8Array => seedOf(i & 255).fill(i >> 8, 0, 1)
const keys = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => numbered(i))
/** Wraps that open to nothing, which nobody but their recipients can tell. */
const closed = (count: number) => keys(count).map(to => ({ to, enc: seedOf(1), key: new Uint8Array(48) }))

export const PROFILE = {
  v: 1,
  kind: 'profile',
  author: AUTHOR,
  time: TIME,
  profile: { enc: [deriveKeyPair(ADA).publicKey] },
} as const satisfies Item

const sized = (size: number) => changed(SEALED, 'sealed.data', new Uint8Array(size + 16)) as Payload
const COMMON = { place: { lat: 0, lon: 0 }, tags: ['a'], supersedes: [cid(seedOf(2))], expires: TIME + 60_000 }

export const SIGNED_KINDS: readonly SignedRow[] = [
  ['sealed', 'An embedding sealed for one recipient.', SEALED],
  ['sealed-class-6', 'Sealed data of 1,536 bytes and a tag, which do not open: that is not judged.', sized(1536)],
  ['sealed-largest', 'Sealed data of the largest size class that an envelope holds.', sized(229_376)],
  ['sealed-256', 'The most recipients.', changed(SEALED, 'sealed.wraps', closed(256)) as Payload],
  ['sealed-common', 'A sealed block with fields of every kind.', { ...SEALED, ...COMMON }],
  ['keywrap', 'The key of a sealed block for a later recipient.', KEYWRAP],
  ['keywrap-256', 'The most later recipients.', changed(KEYWRAP, 'keywrap.wraps', closed(256)) as Payload],
  ['keywrap-common', 'A keywrap with fields of every kind.', { ...keywrapOf(SEALED), ...COMMON }],
  ['profile', 'A profile with one key.', PROFILE],
  ['profile-16', 'The most keys.', changed(PROFILE, 'profile.enc', keys(16)) as Payload],
]

const open = wrap(ADA)
/** What is refused in the wraps of both kinds, at the wire path `of`. */
const wraps = (of: string): readonly Deviation[] => [
  ['missing-field', `${of}.wraps`, `${of}.wraps`, undefined, 'No wraps.'],
  ['bad-type', `${of}.wraps`, `${of}.wraps`, open, 'Wraps that are one wrap.'],
  ['bad-value', `${of}.wraps`, `${of}.wraps`, [], 'An empty list of wraps.'],
  ['too-large', `${of}.wraps`, `${of}.wraps`, closed(257), '257 wraps.'],
  ['bad-value', `${of}.wraps`, `${of}.wraps`, [open, { ...open, enc: seedOf(1) }], 'One recipient twice.'],
  ['unknown-field', `${of}.wraps[0].alg`, `${of}.wraps`, [{ ...open, alg: 1 }], 'A foreign key in a wrap.'],
  ['missing-field', `${of}.wraps[0].recipient`, `${of}.wraps`, [{ ...open, to: undefined }], 'No recipient.'],
  ['missing-field', `${of}.wraps[0].enc`, `${of}.wraps`, [{ ...open, enc: undefined }], 'No encapsulated key.'],
  ['missing-field', `${of}.wraps[0].key`, `${of}.wraps`, [{ ...open, key: undefined }], 'No encrypted key.'],
  ['wrong-length', `${of}.wraps[0].recipient`, `${of}.wraps`, [{ ...open, to: new Uint8Array(31) }], 'A short one.'],
  ['wrong-length', `${of}.wraps[0].enc`, `${of}.wraps`, [{ ...open, enc: new Uint8Array(33) }], 'A long one.'],
  ['wrong-length', `${of}.wraps[0].key`, `${of}.wraps`, [{ ...open, key: new Uint8Array(32) }], 'A key without tag.'],
  ['bad-type', `${of}.wraps[0].key`, `${of}.wraps`, [{ ...open, key: 'text' }], 'A key that is text.'],
  ['missing-field', `${of}.commitment`, `${of}.commit`, undefined, 'No commitment.'],
  ['wrong-length', `${of}.commitment`, `${of}.commit`, new Uint8Array(31), 'A commitment of 31 bytes.'],
]

export const SEALED_DEVIATIONS: readonly Deviation[] = [
  ...wraps('sealed'),
  ['missing-field', 'sealed', 'sealed', undefined, 'Nothing sealed.'],
  ['unknown-field', 'input', 'input', EMBEDDING.input, 'An input beside the sealed one.'],
  ['unknown-field', 'sealed.model', 'sealed.model', 'acme:embed-1', 'A foreign key beside the sealed content.'],
  ['missing-field', 'sealed.data', 'sealed.data', undefined, 'No data.'],
  ['bad-type', 'sealed.data', 'sealed.data', 'text', 'Data that is text.'],
  ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(0), 'Empty data.'],
  ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(1024), 'A size class without a tag.'],
  ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(896 + 16), 'Less than the smallest size class.'],
  ['wrong-length', 'sealed.data', 'sealed.data', new Uint8Array(1152 + 16), 'Between two size classes.'],
]

export const KEYWRAP_DEVIATIONS: readonly Deviation[] = [
  ...wraps('keywrap'),
  ['missing-field', 'keywrap', 'keywrap', undefined, 'No keywrap.'],
  ['unknown-field', 'sealed', 'sealed', SEALED.sealed, 'The field of another kind.'],
  ['unknown-field', 'keywrap.data', 'keywrap.data', new Uint8Array(1040), 'Data in a keywrap.'],
  ['missing-field', 'keywrap.block', 'keywrap.block', undefined, 'No block.'],
  ['bad-type', 'keywrap.block', 'keywrap.block', seedOf(1), 'A block that is a byte string.'],
]

export const PROFILE_DEVIATIONS: readonly Deviation[] = [
  ['missing-field', 'profile', 'profile', undefined, 'No profile.'],
  ['unknown-field', 'input', 'input', EMBEDDING.input, 'The field of another kind.'],
  ['unknown-field', 'profile.name', 'profile.name', 'Ada', 'A foreign key in a profile.'],
  ['missing-field', 'profile.encryption', 'profile.enc', undefined, 'No keys.'],
  ['bad-type', 'profile.encryption', 'profile.enc', seedOf(1), 'Keys that are one key.'],
  ['bad-value', 'profile.encryption', 'profile.enc', [], 'An empty list of keys.'],
  ['bad-value', 'profile.encryption', 'profile.enc', [seedOf(1), seedOf(1)], 'A key twice.'],
  ['too-large', 'profile.encryption', 'profile.enc', keys(17), '17 keys.'],
  ['wrong-length', 'profile.encryption[1]', 'profile.enc', [seedOf(1), new Uint8Array(33)], 'A key of 33 bytes.'],
  ['bad-type', 'profile.encryption[0]', 'profile.enc', ['text'], 'A key that is text.'],
]
