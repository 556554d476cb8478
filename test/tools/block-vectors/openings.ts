import { ed25519 } from '@noble/curves/ed25519.js'
import { type Item, join, raw, write } from './raw-cbor'
import { ADA, BOB, CONTENT, encrypted, keywrapOf, padded, PLAIN, SEALED, wrap } from './sealed-kinds'
import { changed, EMBEDDING, f32, pack, type PackedHex, seal, seedOf } from './sealing'

/** A sealed block in a reader's hands: what it opens to, or why it does not. Each block by itself is valid. */
export interface OpeningVector {
  readonly name: string
  readonly description: string
  readonly envelope: PackedHex
  /** The envelope of a keywrap that the reader has. */
  readonly keywrap?: PackedHex
  /** Whose DeriveKeyPair (RFC 9180 section 7.1.3) is the reader's key, hexadecimal. */
  readonly seed: string
  /** The canonical bytes of the content. */
  readonly content?: PackedHex
  readonly code?: string
  readonly field?: string
}

type Opening = Pick<OpeningVector, 'code' | 'field'> & { readonly content?: Uint8Array }
type Row = readonly [name: string, description: string, block: Item, reader: Uint8Array, Opening, keywrap?: Signed]
/** A payload and whose seed signs it, when that is not the vectors' author's. */
interface Signed {
  readonly payload: Item
  readonly seed?: Uint8Array
}

const MALLORY = seedOf(66)
const mallory = ed25519.getPublicKey(MALLORY)
const ownWrap = SEALED.sealed.wraps[0]
const opens: Opening = { content: CONTENT }
const unlike = (code: string, field: string): Opening => ({ code, field })
const sealed = (fields: object): Item => ({ ...SEALED, sealed: { ...SEALED.sealed, ...fields } })
/** A sealed block of other bytes, and one of another content, rightly padded. */
const holding = (plaintext: Uint8Array): Item => sealed({ data: encrypted(plaintext) })
const held = (content: Item): Item => holding(padded(write(content)))
const flipped = (bytes: Uint8Array): Uint8Array => bytes.with(0, bytes[0]! ^ 1)
/** A block whose wrap for Bob does not open. */
const SPOILT = sealed({ wraps: [{ ...wrap(BOB), key: flipped(wrap(BOB).key) }] })

const LONG = write({
  embedding: { model: 'acme:embed-1', type: 'i8', data: Uint8Array.of(127, 0, 128), scale: f32(0.5) },
  input: { ...EMBEDDING.input, origin: 'https://example.org/', content: 'x'.repeat(1600) },
})
/** A content of so many bytes. */
function filling(length: number): Uint8Array {
  const of = (characters: number) =>
    write({ embedding: EMBEDDING.embedding, input: { ...EMBEDDING.input, content: 'x'.repeat(characters) } })
  return of(length - of(300).length + 300)
}

const OPENED: readonly Row[] = [
  ['opened', 'Opened by its one recipient.', SEALED, ADA, opens],
  ['opened-second', 'Opened by the second.', sealed({ wraps: [ownWrap, wrap(BOB)] }), BOB, opens],
  ['opened-long', 'Content in a larger size class.', holding(padded(LONG, 1792)), ADA, { content: LONG }],
  ['opened-full', 'Content that fills its class.', holding(padded(filling(1023))), ADA, { content: filling(1023) }],
  [
    'opened-next',
    'Content whose marker needs the next class.',
    holding(padded(filling(1024), 1280)),
    ADA,
    { content: filling(1024) },
  ],
  ['opened-later', 'Opened with a keywrap.', SEALED, BOB, opens, { payload: keywrapOf(SEALED) }],
  ['opened-despite', 'A wrap that does not open spoils no other.', SPOILT, BOB, opens, { payload: keywrapOf(SPOILT) }],
]

const REFUSED: readonly Row[] = [
  ['not-recipient', 'A reader for whom no wrap is.', SEALED, BOB, unlike('not-recipient', 'sealed.wraps')],
  [
    'keywrap-of-another-author',
    'Not the author of the sealed block made the keywrap: it does not count.',
    SEALED,
    BOB,
    unlike('not-recipient', 'sealed.wraps'),
    { payload: { ...keywrapOf(SEALED), author: mallory }, seed: MALLORY },
  ],
  [
    'keywrap-of-another-block',
    'The keywrap names another block: it does not count.',
    SEALED,
    BOB,
    unlike('not-recipient', 'sealed.wraps'),
    { payload: keywrapOf(EMBEDDING) },
  ],
  [
    'keywrap-moved',
    'A wrap that was bound to another block.',
    SEALED,
    BOB,
    unlike('bad-ciphertext', 'keywrap.wraps[0]'),
    { payload: changed(keywrapOf(SEALED), 'keywrap.wraps', keywrapOf(EMBEDDING).keywrap.wraps) },
  ],
  ['wrap-altered', 'One bit of the encrypted key changed.', SPOILT, BOB, unlike('bad-ciphertext', 'sealed.wraps[0]')],
  [
    'wrap-of-another-author',
    'A wrap made under another author.',
    sealed({ wraps: [wrap(ADA, { author: mallory })] }),
    ADA,
    unlike('bad-ciphertext', 'sealed.wraps[0]'),
  ],
  [
    'wrap-of-small-order',
    'An encapsulated key of small order (RFC 9180 section 7.1.4).',
    sealed({ wraps: [{ ...ownWrap, enc: new Uint8Array(32) }] }),
    ADA,
    unlike('bad-ciphertext', 'sealed.wraps[0]'),
  ],
  [
    'wrap-of-another-key',
    'A wrap that holds another key than the commitment says.',
    sealed({ wraps: [wrap(ADA, { key: seedOf(14) })] }),
    ADA,
    unlike('bad-commitment', 'sealed.wraps[0]'),
  ],
  [
    'content-altered',
    'One bit of the data changed.',
    sealed({ data: flipped(SEALED.sealed.data) }),
    ADA,
    unlike('bad-ciphertext', 'sealed.data'),
  ],
  [
    'content-of-another-author',
    'Data encrypted under another author.',
    sealed({ data: encrypted(padded(CONTENT), mallory) }),
    ADA,
    unlike('bad-ciphertext', 'sealed.data'),
  ],
  ['unpadded', 'No marker.', holding(new Uint8Array(1024)), ADA, unlike('bad-value', 'sealed.data')],
  [
    'padding-marked',
    'Another byte than 80 ends the content.',
    holding(join([CONTENT, new Uint8Array(1024 - CONTENT.length).with(0, 0x81)])),
    ADA,
    unlike('bad-value', 'sealed.data'),
  ],
  [
    'padding-too-large',
    'A larger class than the content needs.',
    holding(padded(CONTENT, 1280)),
    ADA,
    unlike('bad-value', 'sealed.data'),
  ],
  ['content-indefinite', 'Content that is not canonical.', held(raw('bf ff')), ADA, { code: 'indefinite-length' }],
  ['content-twice', 'Something after the content.', held(raw(CONTENT, '00')), ADA, { code: 'trailing-bytes' }],
  [
    'content-unknown',
    'A foreign key in the content.',
    held({ ...PLAIN, tags: ['a'] }),
    ADA,
    unlike('unknown-field', 'tags'),
  ],
  [
    'content-missing',
    'Content without input.',
    held({ embedding: EMBEDDING.embedding }),
    ADA,
    unlike('missing-field', 'input'),
  ],
  [
    'content-non-finite',
    'A sealed element that is not a number.',
    held(changed(PLAIN, 'embedding.data', f32(1, Number.NaN, 2))),
    ADA,
    unlike('non-finite', 'embedding.data'),
  ],
]

export function openings(): OpeningVector[] {
  return [...OPENED, ...REFUSED].map(([name, description, block, reader, { content, ...refusal }, keywrap]) => ({
    name,
    description,
    envelope: pack(seal(block)),
    ...(keywrap && { keywrap: pack(seal(keywrap.payload, keywrap.seed)) }),
    seed: Buffer.from(reader).toString('hex'),
    ...(content && { content: pack(content) }),
    ...refusal,
  }))
}
