import { afterEach, describe, expect, test } from 'vitest'
import { createBlock, type Block } from '../../../src/block/index'
import { SyncClient, type SearchOptions, type SyncClientOptions } from '../../../src/client/index'
import { signerOf } from '../../tools/stored-block'

const model = 'acme:two'
const open: SyncClient[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map(client => client.close()))))

/** A vector of the plane, by its angle in degrees. */
const at = (degrees: number) => [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]

async function clientWith(
  samples: readonly { angle: number; author?: number; time?: number; place?: object; tags?: string[]; sky?: object }[],
  options: Partial<SyncClientOptions> = {},
) {
  const client = new SyncClient({ signer: await signerOf(1), ...options })
  open.push(client)
  await client.start()
  const blocks: Block[] = []
  for (const { angle, author = 1, ...fields } of samples) {
    const given = { embedding: at(angle), model, time: 1000 + angle, ...fields }
    const block = await createBlock(given as never, await signerOf(author))
    await client.publish(block)
    blocks.push(block)
  }
  const angles = new Map(blocks.map((block, i) => [block.id, samples[i]!.angle]))
  const search = async (query: Parameters<SyncClient['search']>[0], asked: SearchOptions = {}) =>
    (await client.search(query, { model, ...asked })).hits.map(({ block }) => angles.get(block.id))
  return { client, blocks, search }
}

describe('the shape of an answer', () => {
  test('pages follow one another without gap or repetition', async () => {
    const { search } = await clientWith(Array.from({ length: 25 }, (_, angle) => ({ angle })))
    const pages = [0, 10, 20, 30].map(offset => search(at(0), { k: 10, offset }))
    expect((await Promise.all(pages)).flat()).toEqual(Array.from({ length: 25 }, (_, angle) => angle))
  })

  test('no author has more than a few hits', async () => {
    const { search } = await clientWith(Array.from({ length: 12 }, (_, angle) => ({ angle, author: 1 + (angle >> 2) })))
    expect(await search(at(0), { k: 5, perAuthor: 2 })).toEqual([0, 1, 4, 5, 8])
    expect(await search(at(0), { k: 3, perAuthor: 1, offset: 1 })).toEqual([4, 8])
  })

  test('a diverse answer passes over what is like a hit before it', async () => {
    const { search } = await clientWith([0, 1, 2, 40, 41].map(angle => ({ angle })))
    expect(await search(at(0), { k: 3 })).toEqual([0, 1, 2])
    expect(await search(at(0), { k: 2, diversity: 0.7 })).toEqual([0, 41])
    expect((await search(at(0), { k: 5, diversity: 1 })).sort()).toEqual([0, 1, 2, 40, 41])
  })

  test('pages of a diverse answer follow one another, and end where there is nothing to choose from', async () => {
    const { search } = await clientWith(Array.from({ length: 42 }, (_, i) => ({ angle: (i * i) % 89 })))
    const pages = await Promise.all(
      Array.from({ length: 9 }, (_, i) => search(at(0), { k: 5, offset: 5 * i, diversity: 0.5 })),
    )
    expect(pages.flat()).toEqual(await search(at(0), { k: 42, diversity: 0.5 }))
    await expect(search(at(0), { k: 10, offset: 191, diversity: 0.5 })).rejects.toMatchObject({
      ...{ code: 'out-of-range', field: 'offset', limit: 190 },
    })
  })

  test('blocks that are near one another, asked with, leave room for as many hits', async () => {
    const { search, blocks } = await clientWith([0, 0.1, 0.2, 30, 40, 50].map(angle => ({ angle, time: 1000 })))
    expect(await search(blocks.slice(0, 2), { k: 1 })).toHaveLength(1)
    for (const k of [1, 2, 3]) expect(await search(blocks.slice(0, 3), { k })).toHaveLength(k)
  })

  test('a vector that fits nothing is refused, however many models there are', async () => {
    const { client, search } = await clientWith([{ angle: 1 }, { angle: 2, model: 'acme:other' } as never])
    await expect(search([1, 2, 3])).rejects.toMatchObject({ code: 'wrong-length', field: 'vector', limit: 2 })
    await expect(search([])).rejects.toMatchObject({ code: 'wrong-length', field: 'vector', limit: 2 })
    await expect(search([0, 0, 0])).rejects.toMatchObject({ code: 'bad-value', field: 'vector' })
    expect((await client.search([1, 2, 3], { model: 'never:seen' })).hits).toEqual([])
  })

  test('a vector that its own embedder never makes is refused while nothing of the model is here', async () => {
    const embedder = { modelId: 'acme:own', dimensions: 4, maxBatch: 1, embed: () => Promise.resolve([]) }
    const client = new SyncClient({ signer: await signerOf(1), embedder })
    open.push(client)
    await client.start()
    const refused = { code: 'wrong-length', field: 'vector', limit: 4 }
    for (const options of [{}, { model: 'acme:own' }])
      await expect(client.search([1, 2, 3], options)).rejects.toMatchObject(refused)
    expect((await client.search([1, 2, 3, 4])).hits).toEqual([])
  })

  test('a predicate that throws keeps no other block out, and is told once', async () => {
    const errors: unknown[] = []
    const short = (block: { input?: { content: string } }) => block.input!.content.length < 20
    const client = new SyncClient({ signer: await signerOf(1), search: { predicates: { short } as never } })
    open.push(client)
    client.on('error', event => errors.push(event.error))
    await client.start()
    for (let i = 0; i < 6; i++) {
      const input = i % 2 ? {} : { input: { type: 'text', content: `text ${i}` } }
      const given = { embedding: at(i), model, sky: false, time: i, ...input }
      await client.publish(await createBlock(given as never, await signerOf(1)))
    }
    expect((await client.search(at(0), { model })).hits).toHaveLength(6)
    expect((await client.search(at(0), { model, where: { predicates: ['short'] } })).hits).toHaveLength(3)
    expect(errors).toMatchObject([
      { code: 'bad-value', field: 'search.predicates.short', cause: expect.any(TypeError) },
    ])
  })

  test('several queries: what is near any of them, each block once, and none of the blocks asked with', async () => {
    const { search, blocks } = await clientWith([0, 1, 2, 90, 91, 180].map(angle => ({ angle })))
    expect((await search([at(0), at(90)], { k: 4 })).sort()).toEqual([0, 1, 90, 91])
    expect((await search([blocks[0]!, blocks[3]!], { k: 2 })).sort()).toEqual([1, 91])
    expect(await search(blocks[5]!, { k: 1 })).toEqual([91])
  })

  test.each([
    [{ offset: -1 }, { code: 'out-of-range', field: 'offset' }],
    [{ offset: 9_991 }, { code: 'out-of-range', field: 'offset', limit: 9_990 }],
    [{ perAuthor: 0 }, { code: 'out-of-range', field: 'perAuthor' }],
    [{ diversity: 1.1 }, { code: 'out-of-range', field: 'diversity' }],
    [{ diversity: NaN }, { code: 'out-of-range', field: 'diversity' }],
    [{ recall: 0.4 }, { code: 'out-of-range', field: 'recall' }],
    [{ mode: 'slow' as never }, { code: 'bad-value', field: 'mode' }],
    [{ metric: 'taxi' as never }, { code: 'bad-value', field: 'metric' }],
    [{ where: { near: { latitude: 91, longitude: 0, radius: 1 } } }, { code: 'out-of-range', field: 'where.near' }],
    [{ where: { since: NaN } }, { code: 'non-finite', field: 'where.since' }],
    [{ where: { predicates: ['unknown'] } }, { code: 'unknown-field', field: 'where.predicates.unknown' }],
    [{ where: { constructor: 1 } as never }, { code: 'unknown-field', field: 'where.constructor' }],
  ] as [SearchOptions, object][])('refuses %o', async (options, error) => {
    const { client } = await clientWith([{ angle: 0 }])
    await expect(client.search(at(0), { model, ...options })).rejects.toMatchObject(error)
  })

  test('more than 64 queries at once are refused', async () => {
    const { client } = await clientWith([{ angle: 0 }])
    const many = Array.from({ length: 65 }, () => at(0))
    await expect(client.search(many, { model })).rejects.toMatchObject({ code: 'limit', field: 'query', limit: 64 })
  })
})

test('a model whose id asks for a prefix is reached by the longer vectors of the same model', async () => {
  const client = new SyncClient({ signer: await signerOf(1) })
  open.push(client)
  await client.start()
  const publish = async (embedding: number[], of: string) =>
    (await client.publish(await createBlock({ embedding, model: of, sky: false }, await signerOf(1)))).id
  const near = await publish([1, 0.1], 'acme:nested#2')
  const far = await publish([0, 1], 'acme:nested#2')
  const whole = await publish([1, 0, 0, 0], 'acme:nested')
  const other = await publish([1, 0], 'acme:nested@v2#2')
  const { hits, report } = await client.search([1, 0, 0, 0.2], { model: 'acme:nested' })
  expect(hits.map(({ block }) => block.id).sort()).toEqual([near, far, whole].sort())
  expect(report.unreached).toEqual(['acme:nested@v2#2'])
  expect(report.searched.map(({ model: of }) => of).sort()).toEqual(['acme:nested', 'acme:nested#2'])
  expect((await client.search([1, 0], { model: 'acme:nested@v2#2' })).hits[0]!.block.id).toBe(other)
  // Its first numbers are all zero: nothing can be said of it there.
  expect((await client.search([0, 0, 1, 0], { model: 'acme:nested' })).report.unreached).toContain('acme:nested#2')
})

describe('filters', () => {
  test('by time, the end excluded', async () => {
    const { search } = await clientWith([0, 1, 2, 3].map(angle => ({ angle })))
    expect(await search(at(0), { where: { since: 1001, until: 1003 } })).toEqual([1, 2])
    expect(await search(at(0), { where: { since: 1003 } })).toEqual([3])
    expect(await search(at(0), { where: { until: 1001 } })).toEqual([0])
  })

  test('by place, across the date line too', async () => {
    const places = [
      { latitude: 0, longitude: 179.9 },
      { latitude: 0, longitude: -179.9 },
      { latitude: 48.2, longitude: 16.4 },
    ]
    const { search } = await clientWith([...places.map((place, angle) => ({ angle, place })), { angle: 3 }])
    const near = (latitude: number, longitude: number, radius: number) =>
      search(at(0), { where: { near: { latitude, longitude, radius } } })
    expect(await near(0, 180, 12_000)).toEqual([0, 1])
    expect(await near(0, 179.9, 12_000)).toEqual([0])
    expect(await near(48, 16, 40_000)).toEqual([2])
    expect(await near(0, 0, 3e7)).toEqual([0, 1, 2])
  })

  test('by the grades of their verdicts, however far away', async () => {
    const { search } = await clientWith(
      Array.from({ length: 30 }, (_, angle) => ({
        angle,
        ...((angle === 25 || angle === 28) && { sky: { stars: false } }),
      })),
    )
    expect(await search(at(0), { k: 2, where: { grades: ['consistent'] } })).toEqual([25, 28])
    expect(await search(at(0), { where: { grades: ['consistent', 'observed'] } })).toEqual([])
    await expect(search(at(0), { where: { grades: ['good' as never] } })).rejects.toMatchObject({
      code: 'bad-value',
      field: 'where.grades[0]',
    })
    await expect(search(at(0), { where: { colour: 'red' } as never })).rejects.toMatchObject({
      code: 'unknown-field',
      field: 'where.colour',
    })
  })

  test('by conditions of one’s own, together with the others', async () => {
    const even = ({ time }: Block) => time % 2 === 0
    const { search, client } = await clientWith(
      [0, 1, 2, 3, 4].map(angle => ({ angle, tags: angle > 1 ? ['late'] : [] })),
      { search: { predicates: { even } } },
    )
    expect(await search(at(0), { where: { predicates: ['even'] } })).toEqual([0, 2, 4])
    expect(await search(at(0), { where: { predicates: ['even'], tags: ['late'], until: 1004 } })).toEqual([2])
    expect((await client.status()).search).toMatchObject({ kernels: 'scalar', spaces: [{ model, dims: 2, size: 5 }] })
  })
})
