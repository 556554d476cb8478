import { rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
