import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { describe, expect, test } from 'vitest'
import { equal, unwrap, utf8, type Failure } from '../../../src/base/index'
import { blockVector, createBlock, decodeBlock, openSealed, shareSealed, toJSON } from '../../../src/block/index'
import type { KeywrapBlock, KeyWrap, SealedBlock } from '../../../src/block/index'
import { pad } from '../../../src/block/padding'
import { seal } from '../../../src/block/seal'
import { wrapContext } from '../../../src/block/sealed-content'
import { EncryptionKey, encryptTo, Signer, type DecryptionKey } from '../../../src/signer/index'
import { CosmicValidator } from '../../../src/validate/index'
import { base, refusal, signer } from './making'
import { envelopeOf, type Wire } from './payloads'

const [mine, ada, bob, eve] = (await Promise.all(
  [1, 2, 3, 4].map(n => EncryptionKey.fromSeed(new Uint8Array(32).fill(n))),
)) as [EncryptionKey, EncryptionKey, EncryptionKey, EncryptionKey]
const profile = await createBlock({ profile: { encryption: [ada.publicKey, eve.publicKey] } }, await Signer.generate())
const TEXT = 'The safe is behind the mirror.'
const fields = { ...base, input: { type: 'text', content: TEXT }, tags: ['open'] } as const
const open = await createBlock(fields, signer)
const block = await createBlock({ ...fields, recipients: [mine.publicKey, profile] }, signer)

/** The same block with other sealed fields, as an author of bad faith or a forger could send it. */
function altered(sealed: Partial<SealedBlock['sealed']>, author = signer.publicKey): SealedBlock {
  const { commitment, data, wraps } = { ...block.sealed, ...sealed }
  const wire: Wire = { commit: commitment, data, wraps: wraps.map(wireWrap) }
  const envelope = envelopeOf({ v: 1, kind: 'sealed', author, time: block.time, tags: ['open'], sealed: wire })
  return unwrap(decodeBlock(envelope)) as SealedBlock
}

const wireWrap = ({ recipient, enc, key }: KeyWrap): Wire => ({ to: recipient, enc, key })
const flipped = (bytes: Uint8Array, at = 5) => bytes.with(at, bytes[at]! ^ 1)
const without = (of: SealedBlock, key: DecryptionKey) =>
  of.sealed.wraps.filter(({ recipient }) => !equal(recipient, key.publicKey))

async function fault(of: SealedBlock, key: DecryptionKey, keywraps: KeywrapBlock[] = []): Promise<Failure | 'opened'> {
  const opened = await openSealed(of, key, { keywraps })
  return opened.ok ? 'opened' : opened.error
}

describe('a sealed block', () => {
  test('opens for each recipient into what everybody would see in the open', async () => {
    for (const key of [mine, ada]) {
      const { embedding, input } = unwrap(await openSealed(block, key))
      expect({ embedding, input }).toEqual({ embedding: open.embedding, input: open.input })
      expect(blockVector({ embedding })).toEqual(Float32Array.from(base.embedding))
    }
  })

  test('opens with any key of several, such as older ones', async () => {
    expect((await openSealed(block, [bob, eve, ada])).ok).toBe(true)
  })

  test('is encrypted to the first key of a profile, to each key once', async () => {
    expect(block.sealed.wraps.map(({ recipient }) => recipient)).toEqual([mine.publicKey, ada.publicKey])
    const twice = await createBlock({ ...fields, recipients: [ada.publicKey, profile, ada.publicKey] }, signer)
    expect(twice.sealed.wraps).toHaveLength(1)
  })

  test('shows others its signature, id and open fields, and neither vector, model, text nor hash', async () => {
    const verdict = await new CosmicValidator({ require: { consistent: true } }).validate(
      await createBlock({ ...fields, place: { latitude: 1, longitude: 2 }, recipients: [ada.publicKey] }, signer),
    )
    expect(verdict).toMatchObject({ status: 'valid', admitted: true, block: { kind: 'sealed', tags: ['open'] } })
    const read = unwrap(decodeBlock(block.bytes))
    expect(read).toEqual(block)
    const seen = Buffer.from(block.bytes)
    for (const secret of [utf8(TEXT), utf8(base.model), open.input.hash, open.embedding.data, utf8('f32')])
      expect(seen.includes(Buffer.from(secret))).toBe(false)
    expect(JSON.stringify(toJSON(block))).not.toContain('mirror')
  })

  test('never encrypts two contents under one key', async () => {
    const again = await createBlock({ ...fields, recipients: [mine.publicKey] }, signer)
    expect(again.sealed.commitment).not.toEqual(block.sealed.commitment)
    expect(again.sealed.data).not.toEqual(block.sealed.data)
  })

  test('is the same twice with seeded randomness, for simulations', async () => {
    const seeded = () => {
      let count = 0
      return { bytes: (length: number) => new Uint8Array(length).fill(++count) }
    }
    const make = () => createBlock({ ...fields, recipients: [mine.publicKey], random: seeded() }, signer)
    expect((await make()).id).toBe((await make()).id)
    const share = () => shareSealed(block, mine, [bob.publicKey], signer, { time: 1, random: seeded() })
    expect((await share()).id).toBe((await share()).id)
  })

  test('tells the length of its content only by its size class', async () => {
    const lengthOf = async (content: string) =>
      (await createBlock({ ...base, input: { type: 'text', content }, recipients: [ada.publicKey] }, signer)).sealed
        .data.length
    expect(await lengthOf('x')).toBe(1024 + 16)
    expect(await lengthOf('x'.repeat(700))).toBe(1024 + 16)
    expect(await lengthOf('x'.repeat(1100))).toBe(1280 + 16)
  })

  test('refuses what an open block would refuse', async () => {
    const recipients = [ada.publicKey]
    expect(await refusal({ ...fields, recipients, model: 'nobody' })).toMatchObject({
      code: 'bad-model-id',
      field: 'embedding.model',
    })
    expect(await refusal({ ...fields, recipients, embedding: [NaN] })).toMatchObject({ code: 'non-finite' })
    expect(await refusal({ ...fields, recipients, input: { type: 'X', hash: new Uint8Array(32) } })).toMatchObject({
      code: 'bad-value',
      field: 'input.type',
    })
  })

  test.each<[string, unknown, Partial<Failure>]>([
    ['none', [], { code: 'bad-value', field: 'recipients' }],
    ['no list', ada.publicKey, { code: 'bad-type', field: 'recipients' }],
    ['no key', [new Uint8Array(31)], { code: 'bad-type', field: 'recipients[0]' }],
    ['an unusable key', [new Uint8Array(32)], { code: 'bad-value', field: 'recipients' }],
    ['no profile', [ada.publicKey, open], { code: 'bad-type', field: 'recipients[1]' }],
    ['nothing', [undefined], { code: 'bad-type', field: 'recipients[0]' }],
    [
      'too many',
      Array.from({ length: 257 }, (_, i) =>
        new Uint8Array(32)
          .fill(9)
          .with(0, i % 256)
          .with(1, i >> 8),
      ),
      { code: 'too-large', limit: 256 },
    ],
  ])('is not made for %s', async (_, recipients, failure) => {
    expect(await refusal({ ...fields, recipients })).toMatchObject(failure)
  })
})

describe('opening is refused', () => {
  test('to whom it was not sealed', async () => {
    expect(await fault(block, bob)).toMatchObject({ code: 'not-recipient', field: 'sealed.wraps' })
    expect(await openSealed(block, [])).toMatchObject({ ok: false, error: { code: 'not-recipient' } })
  })

  test('with a damaged ciphertext', async () => {
    expect(await fault(altered({ data: flipped(block.sealed.data) }), ada)).toMatchObject({
      code: 'bad-ciphertext',
      field: 'sealed.data',
    })
  })

  test('with a damaged wrap, which harms no other recipient', async () => {
    const [first, second] = block.sealed.wraps as [KeyWrap, KeyWrap]
    for (const spoiled of [
      { ...second, key: flipped(second.key) },
      { ...second, enc: flipped(second.enc) },
    ]) {
      const of = altered({ wraps: [first, spoiled] })
      expect(await fault(of, ada)).toMatchObject({ code: 'bad-ciphertext', field: 'sealed.wraps[1]' })
      expect(await fault(of, mine)).toBe('opened')
    }
  })

  test('when the wrap holds another key than the one committed to', async () => {
    // Wrapped for the commitment of the block, as a bad author would.
    const { commitment } = block.sealed
    const context = wrapContext(signer.publicKey, commitment)
    const { enc, ciphertext: key } = await encryptTo(bob.publicKey, context, new Uint8Array(32).fill(5))
    const of = altered({ wraps: [{ recipient: bob.publicKey, enc, key }] })
    expect(await fault(of, bob)).toMatchObject({ code: 'bad-commitment', field: 'sealed.wraps[0]' })
  })

  test('when somebody else signs the same ciphertext and wraps as his own', async () => {
    const thief = await Signer.generate()
    expect(await fault(altered({}, thief.publicKey), ada)).toMatchObject({
      code: 'bad-ciphertext',
      field: 'sealed.wraps[1]',
    })
  })

  test('when what was sealed is no embedding, by the fault of that', async () => {
    const key = new Uint8Array(32).fill(6)
    const random = { bytes: () => key }
    const sealed = await seal(
      { embedding: open.embedding, input: open.input },
      signer.publicKey,
      [bob.publicKey],
      random,
    )
    const aad = new Uint8Array([...utf8('cosmic-embeddings/sealed/1'), ...signer.publicKey])
    const encrypt = (padded: Uint8Array) => chacha20poly1305(key, new Uint8Array(12), aad).encrypt(padded)
    expect(await fault(altered({ ...sealed, data: encrypt(pad(Uint8Array.of(0xa0))) }), bob)).toMatchObject({
      code: 'missing-field',
      field: 'embedding',
    })
    expect(await fault(altered({ ...sealed, data: encrypt(pad(Uint8Array.of(0xff))) }), bob)).toMatchObject({
      code: 'indefinite-length',
    })
    expect(await fault(altered({ ...sealed, data: encrypt(new Uint8Array(1024)) }), bob)).toMatchObject({
      code: 'bad-value',
      field: 'sealed.data',
    })
    const wide = new Uint8Array(1280).with(5, 0x80)
    expect(await fault(altered({ ...sealed, data: encrypt(wide) }), bob)).toMatchObject({
      code: 'bad-value',
      hint: 'padding',
    })
  })
})

describe('a keywrap', () => {
  test('lets a later recipient read, alone or out of many', async () => {
    const keywrap = await shareSealed(block, mine, [bob.publicKey], signer, { time: 5 })
    expect(keywrap).toMatchObject({ kind: 'keywrap', time: 5, keywrap: { block: block.id } })
    expect(unwrap(decodeBlock(keywrap.bytes))).toEqual(keywrap)
    expect(await fault(block, bob)).toMatchObject({ code: 'not-recipient' })
    const other = await shareSealed(await sealedFor(mine), mine, [bob.publicKey], signer)
    expect(await fault(block, bob, [other, keywrap])).toBe('opened')
    const onward = await shareSealed(block, bob, [eve.publicKey], signer, { keywraps: [keywrap] })
    expect(await fault(block, eve, [onward])).toBe('opened')
  })

  test('is made by the author only, who must be able to open the block', async () => {
    const other = await Signer.generate()
    await expect(shareSealed(block, ada, [bob.publicKey], other)).rejects.toMatchObject({
      code: 'bad-value',
      field: 'signer',
    })
    await expect(shareSealed(block, bob, [bob.publicKey], signer)).rejects.toMatchObject({ code: 'not-recipient' })
  })

  test('of another author, or for another block, opens nothing', async () => {
    const good = await shareSealed(block, mine, [bob.publicKey], signer)
    const stranger = await createBlock({ keywrap: good.keywrap }, await Signer.generate())
    expect(await fault(block, bob, [stranger])).toMatchObject({ code: 'not-recipient' })
    const second = await sealedFor(mine)
    expect(await fault(second, bob, [good])).toMatchObject({ code: 'not-recipient' })
    const redirected = await createBlock({ keywrap: { ...good.keywrap, block: second.id } }, signer)
    expect(await fault(second, bob, [redirected])).toMatchObject({ code: 'bad-ciphertext', field: 'keywrap.wraps[0]' })
  })

  test('does not stand in for a wrap inside the block, nor that for it', async () => {
    const { keywrap } = await shareSealed(block, mine, [bob.publicKey], signer)
    expect(await fault(altered({ wraps: keywrap.wraps }), bob)).toMatchObject({ code: 'bad-ciphertext' })
    const inner = await createBlock({ keywrap: { ...keywrap, wraps: block.sealed.wraps } }, signer)
    const bare = altered({ wraps: without(block, ada) })
    expect(await fault({ ...bare, id: block.id }, ada, [inner])).toMatchObject({
      code: 'bad-ciphertext',
      field: 'keywrap.wraps[1]',
    })
  })
})

function sealedFor(key: EncryptionKey): Promise<SealedBlock> {
  return createBlock({ ...fields, recipients: [key.publicKey] }, signer)
}
