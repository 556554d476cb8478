import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unwrap } from '../../src/base/index'
import { createBlock, decodeBlock, openSealed, type SealedBlock } from '../../src/block/index'
import { isSizeClass, pad, sizeClass, unpad } from '../../src/block/padding'
import { EncryptionKey, Signer } from '../../src/signer/index'

const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
const keys = await Promise.all([1, 2, 3].map(n => EncryptionKey.fromSeed(new Uint8Array(32).fill(n))))
const ada = keys[0]!

test('padding: a class of the length and less than a quarter longer, and back to the very bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), content => {
      const padded = pad(content)
      expect(isSizeClass(padded.length)).toBe(true)
      expect(padded.length).toBeLessThanOrEqual(Math.max(1024, Math.ceil((content.length + 1) * 1.25)))
      expect(unwrap(unpad(padded))).toEqual(content)
    }),
    { numRuns: 200 },
  )
  for (let length = 0; length < 20_000; length++) {
    expect(sizeClass(length)).toBeGreaterThanOrEqual(length)
    expect(sizeClass(sizeClass(length))).toBe(sizeClass(length))
  }
})

test('padding: bytes that no content is padded to are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), bytes => {
      const read = unpad(bytes)
      if (read.ok) expect(pad(read.value)).toEqual(bytes)
    }),
    { numRuns: 300 },
  )
})

const vectors = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }), {
  minLength: 1,
  maxLength: 300,
})

test('whatever is sealed opens for each of its recipients, and for nobody else', async () => {
  const fields = fc.record({
    embedding: vectors,
    element: fc.constantFrom('f32', 'f16', 'i8' as const),
    content: fc.string({ minLength: 1, maxLength: 2000 }).filter(text => !text.startsWith('\ufeff')),
    readers: fc.subarray(keys, { minLength: 1 }),
  })
  await fc.assert(
    fc.asyncProperty(fields, async ({ embedding, element, content, readers }) => {
      const open = { embedding, element, model: 'acme:embed-1', time: 1, input: { type: 'text' as const, content } }
      const plain = await createBlock(open, signer)
      const block = await createBlock({ ...open, recipients: readers.map(key => key.publicKey) }, signer)
      expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
      for (const key of keys) {
        const opened = await openSealed(block, key)
        const expected = { ok: true, value: { embedding: plain.embedding, input: plain.input } }
        expect(opened).toEqual(
          readers.includes(key) ? expected : { ok: false, error: expect.objectContaining({ code: 'not-recipient' }) },
        )
      }
    }),
    { numRuns: 25 },
  )
})

test('any byte of a sealed block changed: an answer of the closed set, and never another content', async () => {
  const fields = { embedding: [1, 2, 3], model: 'acme:embed-1', time: 1 }
  const block = await createBlock({ ...fields, recipients: keys.map(key => key.publicKey) }, signer)
  const content = unwrap(await openSealed(block, ada))
  const at = fc.nat(block.bytes.length - 65)
  await fc.assert(
    fc.asyncProperty(at, fc.integer({ min: 1, max: 255 }), async (position, flip) => {
      const bytes = block.bytes.with(position, block.bytes[position]! ^ flip)
      const read = decodeBlock(bytes)
      if (!read.ok || read.value.opaque || read.value.kind !== 'sealed') return
      const opened = await openSealed(read.value satisfies SealedBlock, ada)
      if (opened.ok) expect(opened.value).toEqual(content)
      else expect(['not-recipient', 'bad-ciphertext', 'bad-commitment']).toContain(opened.error.code)
    }),
    { numRuns: 150 },
  )
})
