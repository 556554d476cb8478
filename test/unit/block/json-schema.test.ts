import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import {
  createBlock,
  decodeBlock,
  LIMITS,
  signSights,
  toJSON,
  type Block,
  type BlockFields,
  type KeyWrap,
  type VectorFields,
} from '../../../src/block/index'
import { EncryptionKey, Signer } from '../../../src/signer/index'
import type { Place } from '../../../src/sky/index'
import { unpack, validBlocks } from '../../tools/block-vectors/read'
import { phone, recovery } from '../validate/identity-scenes'
import { base, signer, time } from './making'
import { changed, EMBEDDING, envelopeOf, TRANSLATOR, type Wire } from './payloads'

const schema = JSON.parse(
  readFileSync(new URL('../../../docs/spec/block.schema.json', import.meta.url), 'utf8'),
) as object
// Not strictRequired: alternatives name properties that stand in another part of the schema.
const validate = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true }).compile(
  schema,
)

/** What the schema has against a view as it travels. */
function faults(view: unknown): string[] {
  validate(JSON.parse(JSON.stringify(view)))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const made = (fields: Partial<VectorFields>) => createBlock({ ...base, ...fields }, signer)
const read = (wire: Wire): Block => unwrap(decodeBlock(envelopeOf(wire)))
const place = { latitude: 48.2, longitude: -16.4, elevation: 150.5, accuracy: 20 }
const device = await Signer.fromSeed(new Uint8Array(32).fill(6))
const sun = { body: 'sun', time, altitude: 40.1, sigma: 0.01 }
const moon = { ...sun, body: 'moon', azimuth: 10, azimuthSigma: 1, limb: 'upper', pressure: 1000.1 } as const
const sightsFor = (of: Place) => signSights([sun, moon], { author: signer.did, time, place: of }, device)
const id = 'bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'

describe('docs/spec/block.schema.json', () => {
  test.each<[string, () => Block | Promise<Block>]>([
    ['an f32 vector and nothing else', () => made({})],
    ['f16 with an image as input', () => made({ element: 'f16', input: { type: 'image', hash: new Uint8Array(32) } })],
    ['i8 with a geocentric sky', () => made({ element: 'i8', sky: true })],
    ['a coarse place', () => made({ place: { ...place, grid: 0.1 } })],
    ['stars', () => made({ place, sky: { stars: true } })],
    [
      'a sky of a place',
      () => made({ place, input: { type: 'text', content: 'Wasser', origin: 'https://a.example' } }),
    ],
    [
      'every other field',
      () =>
        made({
          tags: ['a', 'Wörter'],
          links: [{ relation: 'supports', id }],
          supersedes: [id],
          expires: time + 1,
          beacon: { chain: new Uint8Array(32), round: 7, signature: new Uint8Array(96) },
          extensions: { 'acme/x': [1, null, { y: new Uint8Array(2), z: true }] },
        }),
    ],
    ['sights', async () => made({ place, sights: await sightsFor(place) })],
    ['a translator', () => read(TRANSLATOR)],
    ['a witness of one block', () => createBlock({ witness: { block: id } }, signer)],
    ['a witness of a batch', () => createBlock({ witness: { root: new Uint8Array(32), size: 9 } }, signer)],
    [
      'an inclusion',
      () => createBlock({ inclusion: { witness: id, block: id, index: 0, path: new Uint8Array(960) } }, signer),
    ],
    ['a proof', () => createBlock({ timeproof: { block: id, format: 'acme/x', data: new Uint8Array(1) } }, signer)],
    ['an unknown kind', () => read({ ...EMBEDDING, kind: 'later', more: 1 })],
    ['an unknown version', () => read({ ...EMBEDDING, v: 2 })],
  ])('takes the view of a block with %s', async (_, block) => {
    expect(faults(toJSON(await block()))).toEqual([])
  })

  test.each(validBlocks)('takes the view of the vector $name', ({ envelope }) => {
    expect(faults(toJSON(unwrap(decodeBlock(unpack(envelope)))))).toEqual([])
  })

  test('takes sealed blocks, keywraps and profiles, and no wrap of another length', async () => {
    const { publicKey } = await EncryptionKey.fromSeed(new Uint8Array(32).fill(1))
    const sealed = await createBlock({ ...base, recipients: [publicKey] }, signer)
    const profile = await createBlock({ profile: { encryption: [publicKey] } }, signer)
    expect([...faults(toJSON(sealed)), ...faults(toJSON(profile))]).toEqual([])
    const [wrap] = sealed.sealed.wraps
    const view = (wraps: readonly KeyWrap[]) => toJSON({ ...sealed, sealed: { ...sealed.sealed, wraps } })
    expect(faults(view([{ ...wrap!, key: new Uint8Array(47) }]))).not.toEqual([])
    expect(faults(view([]))).not.toEqual([])
  })

  test.each<[string, BlockFields, string, Wire[string]]>([
    ['witness', { witness: { block: id } }, 'witness.size', 1],
    ['witness', { witness: { block: id } }, 'witness.root', 'A'.repeat(43)],
    ['witness', { witness: { root: new Uint8Array(32), size: 9 } }, 'witness.size', 0],
    ['witness', { witness: { root: new Uint8Array(32), size: 9 } }, 'witness.size', undefined],
    ['inclusion', { inclusion: { witness: id, block: id, index: 0, path: new Uint8Array(0) } }, 'inclusion.index', -1],
    ['timeproof', { timeproof: { block: id, format: 'x', data: new Uint8Array(1) } }, 'timeproof.data', ''],
  ])('refuses a view of a %s whose own field is unsound', async (_, fields, path, value) => {
    const view = toJSON(await createBlock(fields, signer))
    expect(faults(view)).toEqual([])
    expect(faults(changed(view as unknown as Wire, path, value))).not.toEqual([])
  })

  test('takes identities and rotations, and no other combinations of their fields', async () => {
    const profile = toJSON(await createBlock({ profile: { devices: [phone.did] }, time }, signer))
    const rotation = toJSON(await createBlock({ rotation: { from: signer.did, to: phone.did }, time }, recovery))
    const [hash, did] = ['A'.repeat(43), phone.did]
    const says = (said: object) => faults({ ...profile, profile: said })
    const ends = (said: object) => faults({ ...rotation, rotation: said })
    for (const said of [{ recovery: hash }, { recovery: hash, devices: [did] }, { identity: did }])
      expect(says(said)).toEqual([])
    for (const said of [{ from: did }, { from: did, to: did, next: hash }]) expect(ends(said)).toEqual([])
    const dids = (count: number) =>
      Array.from({ length: count }, (_, i) => `${did.slice(0, -2)}${'abcdefgh'[i >> 3]}${'abcdefgh'[i & 7]}`)
    expect(says({ devices: dids(LIMITS.devices) })).toEqual([])
    for (const said of [
      {},
      { recovery: hash, identity: did },
      { devices: dids(LIMITS.devices + 1) },
      { recovery: 'AAAA' },
    ])
      expect(says(said)).not.toEqual([])
    for (const said of [{}, { to: did }, { from: did, next: hash }, { from: 'Ada' }]) expect(ends(said)).not.toEqual([])
    for (const view of [profile, rotation]) expect(faults({ ...view, expires: time + 1 })).not.toEqual([])
  })

  const unsound: readonly (readonly [string, unknown])[] = [
    ['id', 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy'],
    ['author', 'did:web:example.org'],
    ['time', LIMITS.time + 1],
    ['bytes', 'a+b='],
    ['bytes', undefined],
    ['kind', 'translator'],
    ['opaque', false],
    ['norm', 1],
    ['tags', []],
    ['links', [{ relation: 'supports', id, weight: 1 }]],
    ['beacon', { chain: 'A'.repeat(43), round: 0, signature: 'A'.repeat(64) }],
    ['beacon', { chain: 'A'.repeat(43), round: 1, signature: 'A'.repeat(65) }],
    ['beacon', { chain: 'A'.repeat(42), round: 1, signature: 'A'.repeat(64) }],
    ['beacon', { round: 1, signature: 'A'.repeat(64) }],
    ['extensions', { plain: 1 }],
    ['extensions', { 'acme/x': 1.5 }],
    ['expires', 1.5],
    ['embedding.dims', LIMITS.dims + 1],
    ['embedding.type', 'f64'],
    ['embedding.type', 'i8'],
    ['embedding.scale', 1],
    ['embedding.model', 'nobody'],
    ['input.hash', 'AAAA'],
    ['place', { latitude: 90.1, longitude: 0 }],
    ['place', { latitude: 0, longitude: 0, elevation: LIMITS.highest + 1 }],
    ['place', { latitude: 0, longitude: 0, accuracy: LIMITS.accuracy + 1 }],
    ['place', { latitude: 0, longitude: 0, accuracy: 110_000, grid: 2 }],
    ['place', { latitude: 0, longitude: 0, grid: 1 }],
    ['place', { latitude: 0, longitude: 0, accuracy: 20, grid: 0.01 }],
    ['place', { latitude: 0, longitude: 0, elevation: 0, accuracy: 110_000, grid: 1 }],
    ['sky', { profile: 'p', frame: 'horizontal', bodies: [{ name: 'sun', altitude: 0, azimuth: 0 }] }],
    ['sky', { profile: 'p', frame: 'equatorial', bodies: [{ name: 'sun', declination: 324_001, rightAscension: 0 }] }],
    ['sky', { profile: 'p', frame: 'equatorial', bodies: [] }],
  ]
  test.each(unsound)('refuses a view whose %s is %j', async (path, value) => {
    const view = toJSON(await made({})) as unknown as Wire
    expect(faults(changed(view, path, value as Wire[string]))).not.toEqual([])
  })

  test('states the limits that the code enforces', () => {
    const text = JSON.stringify(schema)
    const { envelope, tags, links, supersedes, extensions, parts, bodies, contentBytes, originBytes, scale } = LIMITS
    expect(text).toContain(`"maxLength":${Math.ceil((envelope * 4) / 3)},"description":"The envelope`)
    for (const count of [tags, links, supersedes, bodies]) expect(text).toContain(`"maxItems":${count}`)
    expect(text).toContain(`"maxProperties":${extensions}`)
    expect(text).toContain(`"maximum":${parts - 1}`)
    for (const bytes of [contentBytes, originBytes]) expect(text).toContain(`"maxLength":${bytes}`)
    expect(
      (schema as { $defs: { embedding: { properties: { scale: object } } } }).$defs.embedding.properties.scale,
    ).toEqual({ type: 'number', exclusiveMinimum: 0, maximum: scale })
  })
})
