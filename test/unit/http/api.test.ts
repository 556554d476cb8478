import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { ROUTES } from '../../../src/surfaces/http/routes'
import { foreignBlock, openScene, type Scene } from './scene'

let scene: Scene
const ids: string[] = []
const seen = new Set<string>()
beforeAll(async () => {
  scene = await openScene()
  for (const text of ['water boils', 'iron rusts', 'ice melts']) {
    ids.push(
      ((await (await scene.post('/blocks', { text, tags: ['physics', text.split(' ')[0]] })).json()) as { id: string })
        .id,
    )
  }
})
afterAll(() => scene.close())

const ajv = new Ajv2020({ strict: false, formats: { base64url: true, int64: true } })

/** What a route answers; each test knows its shape. */
type Answer = ReturnType<typeof JSON.parse>

/** The answer of a route, held against what the OpenAPI document says of it. */
async function answer(method: string, path: string, init: RequestInit & { json?: unknown } = {}, base = path) {
  const { json, ...rest } = init
  const response = await scene.ask(path, {
    method: method.toUpperCase(),
    ...(json !== undefined && { body: JSON.stringify(json), headers: { 'content-type': 'application/json' } }),
    ...rest,
  })
  const { paths, components } = scene.handler.openapi as Answer
  const documented = paths[base]?.[method]?.responses?.[response.status]
  expect([base, method, response.status, documented !== undefined]).toEqual([base, method, response.status, true])
  seen.add(`${method} ${base}`)
  const type = (response.headers.get('content-type') ?? '').split(';', 1)[0]!
  if (response.status === 204 || response.status === 304) return { response, body: undefined as Answer }
  expect(Object.keys(documented.content)).toContain(type)
  if (!type.endsWith('json')) return { response, body: undefined as Answer }
  const body = (await response.json()) as Answer
  const validate = ajv.compile({ ...documented.content[type].schema, components })
  expect([validate(body), validate.errors]).toEqual([true, null])
  return { response, body }
}

test('a text, a vector and a signed block become blocks', async () => {
  const made = await answer('post', '/blocks', { json: { text: 'salt dissolves', tags: ['x'] } })
  expect([made.response.status, made.response.headers.get('location')]).toEqual([201, `/blocks/${made.body.id}`])
  const vector = await answer('post', '/blocks', {
    json: {
      embedding: Array.from({ length: 8 }, (_, i) => i),
      model: 'acme:tiny',
      links: [{ relation: 'cites', id: ids[0] }],
    },
  })
  expect((await scene.node.client.get(vector.body.id))?.author).toBe(scene.node.signer.did)
  const block = await foreignBlock('gold shines')
  const signed = await answer('post', '/blocks', {
    body: block.bytes as BodyInit,
    headers: { 'content-type': 'application/cbor' },
  })
  expect(signed.body.id).toBe(block.id)
})

test('a block is CBOR or JSON, as asked, with an ETag that holds', async () => {
  const path = `/blocks/${ids[0]}`
  const json = await answer('get', path, {}, '/blocks/{id}')
  expect(json.body).toMatchObject({ id: ids[0], input: { content: 'water boils' } })
  const cbor = await answer('get', path, { headers: { accept: 'application/cbor' } }, '/blocks/{id}')
  expect(new Uint8Array(await cbor.response.arrayBuffer())).toEqual((await scene.node.client.get(ids[0]!))!.bytes)
  const etag = cbor.response.headers.get('etag')!
  expect(etag).not.toBe(json.response.headers.get('etag'))
  expect(
    (await scene.ask(path, { headers: { accept: 'application/cbor', 'if-none-match': `"x", ${etag}` } })).status,
  ).toBe(304)
  expect(
    (await scene.ask(path, { headers: { accept: 'application/cbor;q=0.5, application/json' } })).headers.get(
      'content-type',
    ),
  ).toBe('application/json')
  await answer('get', path, { headers: { accept: 'text/html' } }, '/blocks/{id}')
  const head = await scene.ask(path, { method: 'HEAD' })
  expect([head.status, await head.text()]).toEqual([200, ''])
})

test('lists go in pages, by tag, author, model and time', async () => {
  const first = await answer('get', '/blocks?tag=physics&limit=2&newest=false', {}, '/blocks')
  expect(first.body.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2))
  const next = await answer(
    'get',
    `/blocks?tag=physics&limit=2&newest=false&cursor=${encodeURIComponent(first.body.cursor)}`,
    {},
    '/blocks',
  )
  expect(next.body.items.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2))
  expect((await answer('get', '/blocks?tag=physics&tag=iron&ids=true', {}, '/blocks')).body).toEqual({
    items: [ids[1]],
  })
  expect(
    (await answer('get', `/blocks?author=${scene.node.signer.did}&since=0&until=1`, {}, '/blocks')).body.items,
  ).toEqual([])
})

test('search finds by text, vector and likeness, with verdicts', async () => {
  const { body } = await answer('post', '/search', { json: { text: 'ice melting', k: 1 } })
  expect(body.hits).toMatchObject([{ block: { id: ids[2] }, verdict: { status: 'valid', admitted: true } }])
  expect(body.hits[0].verdict.block).toBeUndefined()
  const like = await answer('post', '/search', { json: { like: ids[2], where: { tags: ['physics'] }, k: 5 } })
  expect(like.body.hits).toHaveLength(2)
})

test('relations, versions, verdicts and skies of a block', async () => {
  const { node } = scene
  const link = await createBlock(
    {
      embedding: [1, 2, 3, 4, 5, 6, 7, 8],
      model: 'acme:tiny',
      links: [{ relation: 'cites', id: ids[1]! }],
      place: { latitude: 48, longitude: 16 },
    },
    node.signer,
  )
  await node.client.publish(link)
  const related = await answer('get', `/blocks/${ids[1]}/related`, {}, '/blocks/{id}/related')
  expect(related.body.linkedFrom).toMatchObject([{ id: link.id }])
  const next = await answer('post', '/blocks', { json: { text: 'iron rusts in water', supersedes: [ids[1]] } })
  const history = await answer('get', `/blocks/${ids[1]}/history`, {}, '/blocks/{id}/history')
  expect(history.body).toMatchObject({ heads: [{ id: next.body.id }], conflict: false })
  const verdict = await answer('post', `/blocks/${link.id}/validate`, {}, '/blocks/{id}/validate')
  expect(verdict.body).toMatchObject({ status: 'valid', admitted: true })
  const sky = await answer('get', `/blocks/${link.id}/sky.svg`, {}, '/blocks/{id}/sky.svg')
  expect(await sky.response.text()).toMatch(/^<svg/)
  expect((await answer('get', `/blocks/${ids[0]}/sky.svg`, {}, '/blocks/{id}/sky.svg')).response.status).toBe(404)
})

test('peers come and go, and blocks with them', async () => {
  const other = await openScene()
  await other.post('/blocks', { text: 'far away' })
  const [address] = (await other.node.client.status()).addresses
  const { body } = await answer('post', '/peers', { json: { address } })
  expect(body.peer).toBe(other.node.signer.did)
  await scene.node.client.waitForSync()
  expect((await answer('get', '/peers')).body.items).toMatchObject([{ peer: body.peer }])
  expect((await answer('post', '/search', { json: { text: 'far away', k: 1 } })).body.hits[0].block.author).toBe(
    body.peer,
  )
  await answer('delete', `/peers/${encodeURIComponent(body.peer)}`, {}, '/peers/{id}')
  expect((await answer('get', '/peers')).body.items).toEqual([])
  await other.close()
  expect((await answer('post', '/peers', { json: { address: 'nowhere://x' } })).response.status).toBe(400)
  expect((await answer('post', '/peers', { json: { address } })).response.status).toBe(502)
})

test('status, readiness, health, figures and the document itself', async () => {
  expect((await answer('get', '/status')).body.id).toBe(scene.node.signer.did)
  expect((await answer('get', '/readyz')).body).toEqual({ status: 'ready' })
  await answer('get', '/healthz')
  const metrics = await (await answer('get', '/metrics')).response.text()
  expect(metrics).toMatch(/^cosmic_store_blocks \d+$/m)
  expect(metrics).toMatch(/cosmic_http_requests_total\{route="\/blocks\/\{id\}",status="200"\} [1-9]/)
  expect(metrics).toMatch(/cosmic_http_request_seconds_bucket\{route="\/search",le="\+Inf"\} \d/)
  expect(await (await scene.ask('/openapi.json')).json()).toEqual(scene.handler.openapi)
})

test('an archive goes out and comes in', async () => {
  const { response } = await answer('get', '/export')
  const archive = await response.arrayBuffer()
  const end = `/exports/${response.headers.get('x-request-id')!}`
  expect((await answer('get', end, {}, '/exports/{id}')).body).toMatchObject({ missing: 0 })
  const other = await openScene()
  const headers = { 'content-type': 'application/vnd.ipld.car' }
  const report = await other.ask('/import', { method: 'POST', body: archive, headers })
  const held = (await scene.node.store.stats()).blocks
  expect(await report.json()).toMatchObject({ stored: held, refused: 0 })
  await other.close()
  const again = await answer('post', '/import', { body: archive, headers })
  expect(again.body.refused).toBe(0)
  const cut = await answer('post', '/import', { body: archive.slice(0, -3), headers })
  expect([cut.response.status, cut.body.code]).toEqual([400, 'truncated'])
  expect((await answer('post', '/import', { body: 'x' })).response.status).toBe(415)
})

test('the Model Context Protocol answers one request at a time', async () => {
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const ask = async (body: string) => (await answer('post', '/mcp', { body, headers })).body
  expect((await ask('{"jsonrpc":"2.0","id":1,"method":"tools/list"}')).result.tools).toHaveLength(6)
  expect(await ask('{')).toMatchObject({ status: 400, code: 'bad-json' })
  expect(await ask('{}')).toMatchObject({ status: 400, field: 'jsonrpc' })
  expect(await ask(`{"x":"${'x'.repeat(1_048_576)}"}`)).toMatchObject({ status: 413 })
})

test('a peer’s session opens, carries and ends', async () => {
  const { response } = await answer('post', '/sync', { headers: { 'cosmic-version': '1' } })
  const opening = new TextDecoder().decode((await response.body!.getReader().read()).value)
  const { session } = JSON.parse(/data: (.*)/.exec(opening)![1]!) as { session: string }
  const headers = { 'cosmic-session': session }
  const { body } = await answer('post', '/sync', { headers: { ...headers, 'cosmic-sequence': '9' }, body: '' })
  expect(body).toMatchObject({ status: 409, code: 'protocol' })
  expect((await answer('delete', '/sync', { headers })).response.status).toBe(204)
  expect((await answer('delete', '/sync', { headers })).body).toMatchObject({ status: 404, code: 'peer-gone' })
})

test('events tell of what is stored and of what is withdrawn', async () => {
  const stop = new AbortController()
  const { response } = await answer('get', '/events', { signal: stop.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const { body } = await answer('post', '/blocks', { json: { text: 'an event' } })
  await scene.node.client.retract(body.id)
  let text = ''
  while (!text.includes('event: erased')) text += (await reader.read()).value ?? ''
  expect(text).toMatch(new RegExp(`event: block\\ndata: .*${body.id}`))
  stop.abort()
  for (let next = await reader.read(); !next.done; next = await reader.read());
})

test('what is wrong is a problem that names it', async () => {
  const id = 'b' + 'a'.repeat(58)
  const wrong: [string, string, object, number, object, string?][] = [
    ['get', `/blocks/${id}`, {}, 404, { code: 'not-found' }, '/blocks/{id}'],
    ['get', '/blocks/nonsense', {}, 400, { field: 'id' }, '/blocks/{id}'],
    ['get', `/blocks/${id}/related`, {}, 404, {}, '/blocks/{id}/related'],
    ['get', `/blocks/${id}/history`, {}, 404, {}, '/blocks/{id}/history'],
    ['post', `/blocks/${id}/validate`, {}, 404, {}, '/blocks/{id}/validate'],
    ['get', '/blocks?limit=0', {}, 400, { field: 'limit' }, '/blocks'],
    ['get', '/blocks?limt=1', {}, 400, { code: 'unknown-field', field: 'limt' }, '/blocks'],
    ['get', '/blocks?cursor=x', {}, 400, { code: 'bad-cursor' }, '/blocks'],
    ['post', '/blocks', { json: {} }, 400, { code: 'missing-field', field: 'text' }],
    ['post', '/blocks', { json: { text: 'a', tag: [] } }, 400, { code: 'unknown-field', field: 'tag' }],
    ['post', '/blocks', { json: { text: '' } }, 400, { field: 'text' }],
    ['post', '/blocks', { json: { embedding: [1] } }, 422, { code: 'no-model' }],
    ['post', '/blocks', { json: { text: 'x'.repeat(1_100_000) } }, 413, { code: 'too-large', limit: 1_048_576 }],
    ['post', '/blocks', { body: '{', headers: { 'content-type': 'application/json' } }, 400, { code: 'bad-json' }],
    ['post', '/blocks', { body: 'x', headers: { 'content-type': 'text/plain' } }, 415, { code: 'media-type' }],
    [
      'post',
      '/blocks',
      { body: new Uint8Array(300_000), headers: { 'content-type': 'application/cbor' } },
      413,
      { code: 'too-large' },
    ],
    ['post', '/blocks', { body: new Uint8Array([1, 2]), headers: { 'content-type': 'application/cbor' } }, 422, {}],
    ['post', '/search', { json: { k: 1 } }, 400, { field: 'text' }],
    ['post', '/search', { json: { text: 'a', k: 0 } }, 400, { field: 'k' }],
    ['post', '/search', { json: { like: id } }, 404, {}],
    ['post', '/search', { json: { text: 'a', where: { tag: 'x' } } }, 400, { field: 'where.tag' }],
    ['post', '/peers', { json: { address: '' } }, 400, { field: 'address' }],
  ]
  for (const [method, path, init, status, expected, base] of wrong) {
    const { response, body } = await answer(method, path, init, base)
    expect([path, init, response.status]).toEqual([path, init, status])
    expect(body).toMatchObject({
      status,
      instance: expect.stringContaining(response.headers.get('x-request-id')!),
      ...expected,
    })
  }
  const broken = (await foreignBlock()).bytes.slice()
  broken[broken.length - 1]! ^= 1
  const forged = await answer('post', '/blocks', {
    body: broken as BodyInit,
    headers: { 'content-type': 'application/cbor' },
  })
  expect([forged.response.status, forged.body.code]).toEqual([422, 'bad-signature'])
  expect((await scene.ask('/nothing')).status).toBe(404)
  const put = await scene.ask('/blocks', { method: 'PUT' })
  expect([put.status, put.headers.get('allow')]).toEqual([405, 'POST, GET'])
})

test('every route was asked', () => {
  expect([...seen].sort()).toEqual(ROUTES.map(({ method, path }) => `${method} ${path}`).sort())
})
