import { afterAll, beforeAll, expect, test } from 'vitest'
import { toJSON, type EmbeddingBlock } from '../../../src/block/index'
import type { SearchHit } from '../../../src/client/index'
import { ShownBlocks } from '../../../src/surfaces/http/shown-blocks'
import { foreignBlock, openScene, type Scene } from './scene'

let scene: Scene
beforeAll(async () => void (scene = await openScene()))
afterAll(() => scene.close())

test('what is shown again is the same JSON, and follows its object, not its id', async () => {
  const shown = new ShownBlocks()
  const block = await foreignBlock('shown twice')
  const json = JSON.stringify(toJSON(block))
  expect([shown.block(block), shown.block(block)]).toEqual([json, json])
  const other = { ...block, tags: ['another object'] } as EmbeddingBlock
  expect(shown.block(other)).toBe(JSON.stringify(toJSON(other)))
  expect(shown.block(block)).toBe(json)
})

test('a hit shows the verdict that it has now', async () => {
  const { client } = scene.node
  await client.publish(await foreignBlock('a hit with a verdict'))
  const { hits } = await client.search('a hit with a verdict', { k: 1 })
  const shown = new ShownBlocks()
  const view = (hit: SearchHit) =>
    JSON.parse(shown.hit(hit)) as { verdict: object; block: { id: string }; score: number }
  const { block: _, ...verdict } = hits[0]!.verdict as { block?: unknown }
  for (let i = 0; i < 2; i++) expect(view(hits[0]!)).toMatchObject({ verdict, block: { id: hits[0]!.block.id } })
  expect(view(hits[0]!).verdict).not.toHaveProperty('block')
  const summary = 'judged anew'
  const again = { ...hits[0]!, score: 0.5, verdict: { ...hits[0]!.verdict, summary, checks: [] } }
  expect(view(again)).toMatchObject({ score: 0.5, verdict: { summary, checks: [] } })
})

test('blocks over the length that is kept are shown all the same', () => {
  const long = { id: 'long', text: 'x'.repeat(20_000) } as never
  const shown = new ShownBlocks()
  expect(shown.block(long)).toBe(shown.block(long))
})

test('a body longer than was announced is refused', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(1_100_000) })
  const headers = { 'content-type': 'application/json', 'content-length': '20' }
  const answer = await scene.ask('/blocks', { method: 'POST', body, headers })
  expect([answer.status, await answer.json()]).toMatchObject([413, { code: 'too-large', limit: 1_048_576 }])
})

test('a page of an admitted origin reads a whole answer, and caches see both reasons to differ', async () => {
  const own = await openScene({ origins: ['https://app.example'] })
  const { id } = (await (await own.post('/blocks', { text: 'seen by a page' })).json()) as { id: string }
  const answer = await own.ask(`/blocks/${id}`, { headers: { origin: 'https://app.example' } })
  expect(answer.headers.get('vary')).toBe('accept, origin')
  expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example')
  expect(answer.headers.get('x-request-id')).toMatch(/^[\w-]+$/)
  await own.close()
})

test('a wish to be connected outlives its first attempt where it is asked to, until it is deleted', async () => {
  const address = 'ws://127.0.0.1:9'
  const wished = async () =>
    ((await (await scene.ask('/status')).json()) as { connections: { address: string }[] }).connections
  expect((await scene.post('/peers', { address })).status).toBe(502)
  expect(await wished()).toEqual([])
  expect((await scene.post('/peers', { address, retry: true })).status).toBe(502)
  expect(await wished()).toMatchObject([{ address }])
  const drop = async (name: string) => (await scene.ask(`/peers/${name}`, { method: 'DELETE' })).status
  expect([await drop(encodeURIComponent(address)), await drop('%25zz'), await wished()]).toEqual([204, 204, []])
})

test('of the media types that a client takes the one that it likes best is answered', async () => {
  const scene = await openScene()
  const { id } = (await (await scene.post('/blocks', { text: 'one' })).json()) as { id: string }
  const asked: [string, string][] = [
    ['', 'json'],
    ['*/*', 'json'],
    ['application/*', 'json'],
    ['application/cbor', 'cbor'],
    ['application/cbor;q=0.5, application/json;q=0.4', 'cbor'],
    ['application/json;q=0, */*', 'cbor'],
    ['application/cbor;q=0, */*;q=0.1', 'json'],
    ['application/json;q=0', 'problem+json'],
    ['*/*;q=0', 'problem+json'],
    ['application/jsonx', 'problem+json'],
    ['text/html', 'problem+json'],
  ]
  for (const [accept, type] of asked) {
    const { status, headers } = await scene.ask(`/blocks/${id}`, { headers: { accept } })
    expect([accept, status, headers.get('content-type')]).toEqual([
      accept,
      type === 'problem+json' ? 406 : 200,
      `application/${type}`,
    ])
  }
  await scene.close()
})

test('an empty value of a query is none, and an id that is none is named as such', async () => {
  const scene = await openScene()
  for (const query of ['since=', 'until=', 'limit=', 'tag=']) {
    expect([query, (await scene.ask(`/blocks?${query}`)).status]).toEqual([query, 400])
  }
  expect(await (await scene.ask('/blocks/%00')).json()).toMatchObject({ status: 400, field: 'id' })
  const other = await scene.post('/blocks', { text: 'one', model: 'acme:other' })
  expect(await other.json()).toMatchObject({ status: 422, field: 'model' })
  await scene.close()
})

test('a block that is dated ahead is accepted and not made, with its time; one further ahead is refused', async () => {
  const time = Date.now() + 3_600_000
  const answer = await scene.post('/blocks', { text: 'from tomorrow', time })
  const { id, until, ...rest } = (await answer.json()) as { id: string; until: number }
  expect([answer.status, answer.headers.get('location'), rest]).toEqual([202, `/blocks/${id}`, { reason: 'deferred' }])
  expect(Math.abs(until - time)).toBeLessThan(1_000_000)
  expect((await scene.ask(`/blocks/${id}`)).status).toBe(404)
  const { paths } = scene.handler.openapi as { paths: Record<string, { post: { responses: object } }> }
  expect(Object.keys(paths['/blocks']!.post.responses)).toContain('202')
  const far = await scene.post('/blocks', { text: 'from next week', time: time + 7 * 86_400_000 })
  expect([far.status, await far.json()]).toMatchObject([422, { code: 'time-future' }])
})
