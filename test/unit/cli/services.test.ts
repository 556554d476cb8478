import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ollamaClient, openAiClient } from '../../../src/setup/embedding-services'
import { answerOf, newFolder, runCommand } from './run-command'

const cwd = newFolder()
beforeAll(() => runCommand(['init', '--yes'], { cwd }))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

/** What an OpenAI-compatible service and Ollama answer, by their published APIs. */
function modelServer(): Promise<Server> {
  const vectorOf = (text: string) => Array.from({ length: 8 }, (_, i) => (text.charCodeAt(i % text.length) % 13) + 1)
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += chunk))
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: string[] }
      const answer =
        request.url === '/v1/embeddings'
          ? { data: input.map((text, index) => ({ index, embedding: vectorOf(text) })) }
          : { embeddings: input.map(vectorOf) }
      const allowed = request.url === '/api/embed' || request.headers.authorization === 'Bearer sesame'
      response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' })
      response.end(JSON.stringify(allowed ? answer : { error: `not with ${body}` }))
    })
  })
  return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server)))
}

test('texts get their vectors from the service that the settings name', async () => {
  const server = await modelServer()
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const model = ['--set', 'embedder.model=tiny', '--set', 'embedder.dimensions=8']
  const openai = [...model, '--set', 'embedder.kind=openai', '--set', `embedder.url=${at}/v1`]
  const ollama = [...model, '--set', 'embedder.kind=ollama', '--set', `embedder.url=${at}`]
  const env = { COSMIC_EMBEDDER_KEY: 'sesame' }
  const made = await answerOf(['create', '--lines', ...openai], { cwd, env, input: 'water boils\n\nice melts\n' })
  expect(made).toHaveLength(2)
  expect(await answerOf(['search', 'ice melts', '--k', '1', ...openai], { cwd, env })).toMatchObject([
    { id: made[1].id, text: 'ice melts' },
  ])
  const [other] = await answerOf(['create', 'iron rusts', ...ollama], { cwd })
  expect(await answerOf(['inspect', other.id], { cwd })).toMatchObject({ embedding: { model: 'ollama:tiny' } })
  const refused = await runCommand(['create', 'a secret thought', ...openai], {
    cwd,
    env: { COSMIC_EMBEDDER_KEY: 'wrong' },
  })
  expect([refused.code, refused.out]).toEqual([1, ''])
  expect(refused.err).toContain('401')
  expect(refused.err).not.toContain('secret thought')
  server.close()
})

test('a service that never comes to an end is left at Ctrl-C, and once its time is over', async () => {
  let connections = 0
  const server = createServer((_, response) => {
    connections++
    response.writeHead(200).write('[')
    const drip = setInterval(() => response.write(' '), 20)
    response.on('close', () => {
      connections--
      clearInterval(drip)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const texts = { model: 'tiny', input: ['water'] }
  const late = { code: 'embedder', message: `no answer from ${at}` }
  await expect(ollamaClient(at, 100).embed(texts)).rejects.toMatchObject(late)
  await expect(
    openAiClient(at, undefined, 100).embeddings.create({ ...texts, encoding_format: 'float' }),
  ).rejects.toMatchObject(late)
  for (const kind of ['openai', 'ollama']) {
    const model = { kind, url: at, model: 'tiny', dimensions: '8' }
    const sets = Object.entries(model).flatMap(([name, value]) => ['--set', `embedder.${name}=${value}`])
    let stopIt = () => {}
    const asking = setInterval(() => connections > 0 && stopIt(), 20)

    const ran = await runCommand(['create', 'water boils', ...sets], { cwd, onStart: stop => (stopIt = stop) })
    clearInterval(asking)
    expect([kind, ran.code, ran.out]).toEqual([kind, 130, ''])
    await expect.poll(() => connections).toBe(0)
  }
  server.close()
})

test('a name and a password in the address of a service are sent as its header', async () => {
  let sent: string | undefined
  const server = createServer(({ headers }, response) => {
    sent = headers.authorization
    response.end('{"embeddings":[[1]]}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await ollamaClient(`http://me:pass%20word@127.0.0.1:${port}`).embed({ model: 'tiny', input: ['water'] })
  expect(sent).toBe(`Basic ${Buffer.from('me:pass word').toString('base64')}`)
  server.close()
})
