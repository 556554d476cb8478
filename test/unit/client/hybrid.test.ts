import { afterEach, expect, test } from 'vitest'
import { miniSearch } from '../../../src/adapters/keywords/minisearch'
import { createBlock, type Embedder } from '../../../src/block/index'
import { SyncClient, type SearchOptions, type SyncClientOptions } from '../../../src/client/index'
import { signerOf } from '../../tools/stored-block'

const open: SyncClient[] = []
afterEach(async () => void (await Promise.all(open.splice(0).map(client => client.close()))))

/** Knows how warm a text is, and nothing of codes and names. */
const embedder: Embedder = {
  modelId: 'test:warmth',
  dimensions: 2,
  embed: async texts =>
    texts.map(text => (/hot|boils|fire/.test(text) ? Float32Array.of(1, 0.1) : Float32Array.of(0.1, 1))),
}

const TEXTS = [
  'Water boils at 100 degrees.',
  'Error E1234: the kettle is on fire.',
  'Ice is cold.',
  'Error E9999: the freezer is full.',
]

async function clientWith(options: Partial<SyncClientOptions> = { search: { keywords: miniSearch } }) {
  const client = new SyncClient({ signer: await signerOf(1), embedder, ...options })
  open.push(client)
  await client.start()
  const publish = async (content: string, tags: string[] = []) => {
    const fields = { embedder, input: { type: 'text' as const, content }, tags, sky: false as const }
    return (await client.publish(await createBlock(fields, await signerOf(1)))).id
  }
  for (const text of TEXTS) await publish(text, text.startsWith('Error') ? ['error'] : [])
  const search = async (text: string, asked: SearchOptions = {}) => {
    const { hits } = await client.search(text, { hybrid: true, ...asked })
    return hits.map(({ block, fused }) => {
      expect(fused).toBeGreaterThan(0)
      return block.input?.type === 'text' ? block.input.content : ''
    })
  }
  return { client, publish, search }
}

test('what words find comes up where vectors cannot tell, and what both find comes first', async () => {
  const { search, client } = await clientWith()
  expect((await search('hot kettle E1234'))[0]).toBe(TEXTS[1])
  expect((await search('code E9999'))[0]).toBe(TEXTS[3])
  expect(await search('boils', { k: 1 })).toEqual([TEXTS[0]])
  expect(
    (await client.search('hot E9999', { k: 2 })).hits.map(({ block }) => (block.input as { content: string }).content),
  ).not.toContain(TEXTS[3])
  expect(await search('hot E9999', { k: 4 })).toContain(TEXTS[3])
})

test('filters hold for what words find; what comes and goes is followed', async () => {
  const { search, publish, client } = await clientWith()
  expect(await search('E1234', { where: { tags: ['error'] }, k: 4 })).toEqual([TEXTS[1], TEXTS[3]])
  expect(await search('E1234', { where: { tags: ['nothing'] } })).toEqual([])
  const id = await publish('A late word: xylophone.')
  expect((await search('xylophone'))[0]).toBe('A late word: xylophone.')
  await client.publish(await createBlock({ retraction: { block: id } }, await signerOf(1)))
  expect(await search('xylophone')).not.toContain('A late word: xylophone.')
})

test('without words to ask for, or an index of them, it is refused', async () => {
  const { client } = await clientWith()
  await expect(client.search([1, 0], { model: 'test:warmth', hybrid: true })).rejects.toMatchObject({
    code: 'bad-type',
    field: 'query',
  })
  const { client: bare } = await clientWith({})
  await expect(bare.search('hot', { hybrid: true })).rejects.toMatchObject({
    code: 'missing-field',
    field: 'search.keywords',
  })
})
