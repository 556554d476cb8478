import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concat, type Failure } from '../../src/base/index'
import { cidOf, createBlock, exportCar, importCar, openEnvelope } from '../../src/block/index'
import { Signer } from '../../src/signer/index'

const signer = await Signer.fromSeed(new Uint8Array(32).fill(3))
const blocks = await Promise.all(
  Array.from({ length: 6 }, (_, time) =>
    createBlock({ embedding: [time, 1], model: 'acme:embed-1', time, tags: ['x'.repeat(1 + 20 * time)] }, signer),
  ),
)

async function archiveOf(of: typeof blocks): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of exportCar(of)) chunks.push(chunk)
  return concat(...chunks)
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function read(source: Iterable<Uint8Array>): Promise<{ envelopes: Uint8Array[]; failures: Failure[] }> {
  const envelopes: Uint8Array[] = []
  const failures: Failure[] = []
  for await (const answer of importCar(source)) {
    if (answer.ok) envelopes.push(answer.value)
    else failures.push(answer.error)
  }
  return { envelopes, failures }
}

const sizes = fc
  .array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 5 })
  .filter(all => all.some(size => size > 0))

test('any blocks in any order, cut into chunks of any size, come back byte for byte', async () => {
  const some = fc.array(fc.constantFrom(...blocks), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(some, sizes, async (of, chunks) => {
      const { envelopes, failures } = await read(cut(await archiveOf(of), chunks))
      expect(envelopes).toEqual(of.map(({ bytes }) => bytes))
      expect(failures).toEqual([])
    }),
    { numRuns: 100 },
  )
})

test('a spoiled archive never throws, ends, and answers no payload under an id that is not its own', async () => {
  const archive = await archiveOf(blocks)
  const ids = new Set(blocks.map(({ id }) => id))
  const edit = fc.tuple(fc.nat(archive.length - 1), fc.nat(255))
  const lengths = fc.option(fc.nat(archive.length), { freq: 4 })
  await fc.assert(
    fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 4 }), lengths, sizes, async (edits, length, chunks) => {
      const bytes = archive.slice(0, length ?? archive.length)
      for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte
      const { envelopes, failures } = await read(cut(bytes, chunks))
      for (const envelope of envelopes) {
        const opened = openEnvelope(envelope)
        if (opened.ok) expect(ids).toContain(cidOf(opened.value.payload))
      }
      for (const { field, offset } of failures.slice(0, -1)) {
        expect(field).not.toBe('archive')
        expect(offset).toBeLessThan(bytes.length)
      }
      const lost = blocks.length - envelopes.length
      const spoiled = edits.some(([at, byte]) => archive[at] !== byte)
      if (lost > 0 && spoiled && length === null) expect(failures.length).toBeGreaterThan(0)
    }),
    { numRuns: 400 },
  )
})

test('bytes without any form: one fault of the archive, or nothing but refused sections', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async bytes => {
      const { envelopes, failures } = await read([bytes])
      expect(envelopes).toEqual([])
      expect(failures.at(-1)?.field).toBe('archive')
    }),
    { numRuns: 300 },
  )
})
