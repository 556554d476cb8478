import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { decodeCanonical, encodeCanonical, unwrap } from '../../src/base/index'
import { sealEnvelope } from '../../src/block/envelope'
import { createBlock, decodeBlock, fromJSON, openEnvelope, toJSON, type Block } from '../../src/block/index'
import { Signer } from '../../src/signer/index'

const name = fc.stringMatching(/^[a-z][a-z0-9./-]{0,20}$/)
const label = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 }).filter(text => !text.startsWith('\ufeff'))
const id = fc.constant('bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy')

/** Fields of any embedding block; the sky is left to its own tests, since it takes no input of its own. */
const fields = fc.record(
  {
    embedding: fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -60_000, max: 60_000 }), {
      minLength: 1,
      maxLength: 20,
    }),
    model: fc.constantFrom('acme:embed-1', 'a.b-c:x/y:z@1.0+2'),
    element: fc.constantFrom('f32', 'f16', 'i8'),
    time: fc.integer({ min: 0, max: 4_000_000_000_000 }),
    input: fc.record({ type: fc.constant('text' as const), content: label, inline: fc.boolean(), origin: label }),
    place: fc.record(
      {
        latitude: fc.double({ min: -90, max: 90, noNaN: true }),
        longitude: fc.double({ min: -180, max: 180, noNaN: true }),
        elevation: fc.double({ min: -500, max: 10_000, noNaN: true }),
        grid: fc.constantFrom(0.01, 0.1, 1, 10),
      },
      { requiredKeys: ['latitude', 'longitude'] },
    ),
    sky: fc.constant(false),
    tags: fc.uniqueArray(label, { minLength: 1, maxLength: 5 }),
    links: fc.uniqueArray(fc.record({ relation: name, id }), { selector: link => link.relation, maxLength: 4 }),
    supersedes: fc.tuple(id),
    beacon: fc.record({
      chain: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      round: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      signature: fc.oneof(...[48, 96].map(length => fc.uint8Array({ minLength: length, maxLength: length }))),
    }),
    extensions: fc.dictionary(
      fc.constantFrom('acme/x', 'acme/y'),
      fc.oneof(fc.maxSafeInteger(), label, fc.array(label)),
      { minKeys: 1 },
    ),
  },
  { requiredKeys: ['embedding', 'model', 'time', 'sky'] },
)

let signer: Signer
beforeAll(async () => {
  signer = await Signer.generate()
})

/** Payload and envelope bytes are what the canonical encoder makes of their values: nothing else is accepted. */
function expectCanonical(block: Block): void {
  const { payload, signature } = unwrap(openEnvelope(block.bytes))
  expect(encodeCanonical(unwrap(decodeCanonical(payload)))).toEqual(new Uint8Array(payload))
  expect(sealEnvelope(payload, signature)).toEqual(block.bytes)
}

describe('blocks', () => {
  test('every block made is decoded alike, canonical, and survives JSON', async () => {
    await fc.assert(
      fc.asyncProperty(fields, async of => {
        const block = await createBlock(of as Parameters<typeof createBlock>[0], signer)
        expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
        expectCanonical(block)
        expect(unwrap(fromJSON(JSON.parse(JSON.stringify(toJSON(block)))))).toEqual(block)
      }),
      { numRuns: 80 },
    )
  })

  test('mutated envelopes never throw; what is accepted is canonical and has an id of its own', async () => {
    const place = { latitude: 48.2, longitude: 16.4, elevation: 150 }
    const input = { type: 'text', content: 'Grüße', origin: 'https://example.org' } as const
    const links = [{ relation: 'supports', id: 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy' }]
    const full = { embedding: [1, 2, 3], model: 'acme:embed-1#3', input, tags: ['a', 'b'], links, place }
    const original = await createBlock({ ...full, extensions: { 'acme/x': [1, { y: null }] } }, signer)
    const { length } = original.bytes
    const edit = fc.tuple(fc.nat(length - 1), fc.integer({ min: 0, max: 255 }))
    let accepted = 0
    fc.assert(
      fc.property(
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        fc.option(fc.nat(length), { freq: 8 }),
        (edits, cut) => {
          const bytes = original.bytes.slice(0, cut ?? length)
          for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte
          const read = decodeBlock(bytes)
          if (!read.ok) return
          accepted++
          expectCanonical(read.value)
          const { payload } = unwrap(openEnvelope(bytes))
          const same = Buffer.from(payload).equals(unwrap(openEnvelope(original.bytes)).payload)
          expect(read.value.id === original.id).toBe(same)
        },
      ),
      { numRuns: 3000 },
    )
    expect(accepted).toBeGreaterThan(0)
  })
})
