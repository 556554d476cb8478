import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { SCOPES, type HttpOptions } from '../../../src/surfaces/http/index'
import { ROUTES } from '../../../src/surfaces/http/routes'
import { openScene, type Scene } from './scene'

const opened: Scene[] = []
afterEach(async () => void (await Promise.all(opened.splice(0).map(scene => scene.close()))))
async function open(options: HttpOptions) {
  const scene = await openScene(options)
  opened.push(scene)
  return scene
}

const READER = 'a-reader-of-sixteen'
const WRITER = 'a-writer-of-sixteen'
const ADMIN = 'an-admin-of-sixteen'
const tokens = [
  { token: READER, scopes: ['read'] },
  { token: WRITER, scopes: ['write', 'search'] },
  { token: ADMIN, scopes: ['admin'] },
] as const
const as = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

test('a token may do what its scopes say, and no more', async () => {
  const scene = await open({ tokens })
  const status = async (path: string, init?: RequestInit) => (await scene.ask(path, init)).status
  expect(await status('/blocks')).toBe(401)
  expect((await scene.ask('/blocks')).headers.get('www-authenticate')).toBe('Bearer')
  expect(await status('/blocks', as('something-else-here'))).toBe(401)
  expect(await status('/blocks', { headers: { authorization: `Basic ${READER}` } })).toBe(401)
  expect(await status('/blocks', as(READER))).toBe(200)
  expect(await status('/blocks', as(WRITER))).toBe(403)
  expect(await status('/blocks', as(ADMIN))).toBe(200)
  expect((await scene.post('/search', { text: 'a' }, as(READER).headers)).status).toBe(403)
  expect((await scene.post('/search', { text: 'a' }, as(WRITER).headers)).status).toBe(200)
  expect((await scene.post('/peers', { address: 'x:' }, as(WRITER).headers)).status).toBe(403)
  expect((await scene.post('/blocks', { text: 'a' }, as(READER).headers)).status).toBe(403)
  for (const path of ['/healthz', '/readyz', '/openapi.json']) expect([path, await status(path)]).toEqual([path, 200])
})

test('of every route each scope opens what is its own, and admin everything', async () => {
  const each = SCOPES.map(scope => ({ token: `only-the-scope-${scope}`, scopes: [scope] }))
  const scene = await open({ tokens: each })
  for (const { method, path, scope } of ROUTES) {
    const status = async (headers: Record<string, string>) => {
      const response = await scene.ask(path.replace('{id}', `b${'a'.repeat(58)}`), {
        method: method.toUpperCase(),
        headers,
      })
      await response.body?.cancel()
      return response.status
    }
    expect([path, (await status({})) === 401]).toEqual([path, scope !== undefined])
    for (const { token, scopes } of each) {
      const opens = scope === undefined || scope === 'any' || scopes[0] === scope || scopes[0] === 'admin'
      const answered = await status(as(token).headers)
      expect([method, path, token, answered === 403, answered === 401]).toEqual([method, path, token, !opens, false])
    }
  }
})

test('a body that is packed is refused by every route that takes one', async () => {
  const scene = await open({})
  for (const { path, body: types } of ROUTES.filter(({ body }) => body !== undefined)) {
    for (const encoding of ['gzip', 'identity, br']) {
      const headers = { 'content-type': Object.keys(types!)[0]!, 'content-encoding': encoding }
      const response = await scene.ask(path, { method: 'POST', body: '{', headers })
      expect([path, response.status, response.headers.get('accept-encoding')]).toEqual([path, 415, 'identity'])
      expect(await response.json()).toMatchObject({ code: 'content-encoding' })
    }
  }
  expect((await scene.post('/blocks', { text: 'as it is' }, { 'content-encoding': 'identity' })).status).toBe(201)
})

test('tokens that are too short or may do nothing known are refused by their place', async () => {
  const { node } = await open({})
  const { createHttpHandler } = await import('../../../src/surfaces/http/index')
  expect(() => createHttpHandler(node, { tokens: [{ token: 'short', scopes: ['read'] }] })).toThrow(
    expect.objectContaining({ field: 'tokens[0].token' }),
  )
  expect(() => createHttpHandler(node, { tokens: [{ token: READER, scopes: ['rite' as 'write'] }] })).toThrow(
    expect.objectContaining({ field: 'tokens[0].scopes' }),
  )
  for (const requestsPerSecond of [0, -1, NaN, Infinity]) {
    expect(() => createHttpHandler(node, { requestsPerSecond })).toThrow(
      expect.objectContaining({ field: 'requestsPerSecond' }),
    )
  }
})

test('a foreign page may not call, not even under a name that it points at this machine', async () => {
  const scene = await open({})
  const from = (origin: string) => ({ headers: { origin } })
  expect((await scene.ask('/status', from('https://evil.example'))).status).toBe(403)
  expect((await scene.ask('/status', from('null'))).status).toBe(403)
  expect((await scene.ask('/status', from('http://127.0.0.1'))).status).toBe(200)
  const rebound = await scene.handler.fetch(new Request('http://evil.example/status'))
  expect([rebound.status, ((await rebound.json()) as { code: string }).code]).toEqual([403, 'host'])
  const preflight = await scene.ask('/blocks', { method: 'OPTIONS', ...from('https://evil.example') })
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([403, null])
})

test('pages of named origins may call, and read what is theirs to read', async () => {
  const scene = await open({ origins: ['https://app.example'], hosts: ['memory.example'] })
  const ask = (origin: string, method = 'GET') =>
    scene.handler.fetch(new Request('https://memory.example/status', { method, headers: { origin } }))
  const allowed = await ask('https://app.example')
  expect([allowed.status, allowed.headers.get('access-control-allow-origin'), allowed.headers.get('vary')]).toEqual([
    200,
    'https://app.example',
    'origin',
  ])
  expect((await ask('https://other.example')).status).toBe(403)
  const preflight = await ask('https://app.example', 'OPTIONS')
  expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([
    204,
    expect.stringContaining('authorization'),
  ])
})

test('each token has a rate of its own; who exceeds it is told to wait', async () => {
  const scene = await open({ tokens, requestsPerSecond: 1 })
  const answers = []
  for (let i = 0; i < 8; i++) answers.push((await scene.ask('/blocks?ids=true', as(READER))).status)
  expect(answers.filter(status => status === 200).length).toBeGreaterThanOrEqual(5)
  const refused = await scene.ask('/blocks?ids=true', as(READER))
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
  expect((await scene.ask('/blocks?ids=true', as(ADMIN))).status).toBe(200)
})

test('a request keeps a sensible id of its own, and gets one otherwise', async () => {
  const scene = await open({})
  const id = async (given?: string) =>
    (await scene.ask('/healthz', given === undefined ? {} : { headers: { 'x-request-id': given } })).headers.get(
      'x-request-id',
    )
  expect(await id('my-request.1')).toBe('my-request.1')
  for (const given of [undefined, 'a b', 'x'.repeat(65), '<script>']) expect(await id(given)).toMatch(/^[0-9a-f-]{36}$/)
})

test('streams of events are bounded, and end with the handler', async () => {
  const scene = await open({})
  const streams = await Promise.all(Array.from({ length: 64 }, () => scene.ask('/events')))
  expect(streams.every(({ status }) => status === 200)).toBe(true)
  expect((await scene.ask('/events')).status).toBe(503)
  scene.handler.close()
  for (const { body } of streams) {
    const reader = body!.getReader()
    for (let next = await reader.read(); !next.done; next = await reader.read());
  }
  expect((await scene.ask('/events')).status).toBe(200)
})

test('HEAD of a stream, and a reader who leaves, close it once', async () => {
  const scene = await open({})
  const { status, headers } = await scene.ask('/events', { method: 'HEAD' })
  expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream'])
  // 64 may be open: none of these still is.
  for (let i = 0; i < 70; i++) await (await scene.ask('/events')).body!.cancel()
  for (const path of ['/export', '/metrics', '/events'])
    expect((await scene.ask(path, { method: 'HEAD' })).status).toBe(200)
})

test('whoever does not read events loses the stream, not the node its memory', async () => {
  const scene = await open({})
  const { body } = await scene.ask('/events')
  const { client } = scene.node
  const { signer } = scene.node
  const { createBlock } = await import('../../../src/block/index')
  for (let i = 0; i < 1_100; i++) {
    await client.publish(await createBlock({ embedding: [i, 1, 1, 1, 1, 1, 1, 1], model: 'acme:tiny' }, signer))
  }
  // What was unread is dropped with it, and its place is free.
  await expect(body!.getReader().read()).rejects.toMatchObject({ code: 'limit', field: 'events' })
  for (let i = 0; i < 64; i++) expect((await scene.ask('/events')).status).toBe(200)
  expect((await scene.ask('/events')).status).toBe(503)
})

test('whatever is asked, the answer is no internal error', async () => {
  const scene = await open({ requestsPerSecond: 1_000_000 })
  const names = fc.constantFrom(
    'text',
    'embedding',
    'model',
    'tags',
    'vector',
    'like',
    'k',
    'where',
    'links',
    'time',
    'expires',
    'near',
  )
  const body = fc.dictionary(
    names,
    fc.oneof(fc.jsonValue(), fc.constantFrom('a', -1, 1e300, [], [1, 2, 3, 4, 5, 6, 7, 8], 'acme:tiny')),
  )
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('/blocks', '/search', '/peers'),
      fc.oneof(body, fc.jsonValue()),
      async (path, value) => {
        expect((await scene.post(path, value)).status).not.toBe(500)
      },
    ),
    { numRuns: 300 },
  )
  const query = fc.dictionary(
    fc.constantFrom('tag', 'limit', 'cursor', 'since', 'until', 'author', 'kind', 'newest'),
    fc.string(),
  )
  await fc.assert(
    fc.asyncProperty(query, fc.webPath(), async (asked, path) => {
      expect((await scene.ask(`/blocks?${new URLSearchParams(asked).toString()}`)).status).not.toBe(500)
      expect((await scene.ask(`/blocks${path}`)).status).not.toBe(500)
    }),
    { numRuns: 300 },
  )
})
