import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { miniLm } from '../../../src/adapters/embedder/minilm.browser'

let server: Server
let origin: string

beforeAll(async () => {
  // Like a server of single-page applications, which answers its page for whatever it does not have.
  server = createServer(({ url }, response) => {
    response.statusCode = url!.startsWith('/none/') ? 404 : 200
    response.end('<!doctype html>')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

const from = (folder: string) => miniLm({ files: { model: folder, tokenizer: folder, wasm: folder } })

test('a browser must be told where the files are', async () => {
  await expect(miniLm()).rejects.toMatchObject({ code: 'missing-field', field: 'files' })
})

test('a file that is another one is refused by its name', async () => {
  await expect(from(`${origin}/page/`)).rejects.toMatchObject({
    code: 'embedder',
    field: expect.stringMatching(/^tokenizer/),
  })
})

test('a file that is not there is refused with its address and the status', async () => {
  const refusal = {
    code: 'embedder',
    field: expect.stringContaining(`${origin}/none/tokenizer`),
    hint: 'HTTP status 404',
  }
  await expect(from(`${origin}/none`)).rejects.toMatchObject(refusal)
})

test('a server that does not answer is refused with its address', async () => {
  await expect(from('http://127.0.0.1:9')).rejects.toMatchObject({
    code: 'embedder',
    field: expect.stringMatching(/^http:.*tokenizer/),
  })
})
