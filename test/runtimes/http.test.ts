import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { httpTransport } from '../../src/adapters/transport/http'
import { createBlock } from '../../src/block/index'
import { SyncClient } from '../../src/client/index'
import { Signer } from '../../src/signer/index'
import { HttpClient } from '../../src/surfaces/http/http-client'
import { BUN_PATH, DENO_PATH, nodePath } from '../tools/other-runtimes.mjs'
import { root } from '../tools/run.mjs'
import { bundle } from './bundle'

const RUNTIMES = [
  { name: 'Node 22', file: nodePath(22), args: [] },
  { name: 'Node 24', file: nodePath(24), args: [] },
  { name: 'Deno', file: DENO_PATH, args: ['run', '--allow-env', '--allow-read', '--allow-net=127.0.0.1'] },
  { name: 'Bun', file: BUN_PATH, args: ['run'] },
]

describe.each(RUNTIMES)('the HTTP API on $name', ({ name, file, args }) => {
  const runs = existsSync(file)
  if (!runs) console.warn(`\n*** SKIPPED: the HTTP API on ${name}: no ${file} ***\n`)

  test.skipIf(!runs)('stores, finds, tells and exports, by the runtime’s own server', async () => {
    // Below the repository, since Node finds its server library from there.
    mkdirSync(path.join(root, '.cache'), { recursive: true })
    const folder = mkdtempSync(path.join(root, '.cache', 'http-'))
    const script = path.join(folder, 'http.mjs')
    writeFileSync(script, await bundle('http-process.ts', 'node', 'esm'))
    const server = spawn(file, [...args, script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [line] = (await once(server.stdout, 'data')) as [Buffer]
      const { port } = JSON.parse(line.toString()) as { port: number }
      const client = new HttpClient(`http://127.0.0.1:${port}`)
      const events = client.events()
      const next = events.next()
      const { id } = await client.create({ embedding: [1, 0, 0, 0, 0, 0, 0, 1], model: 'acme:tiny', tags: ['a'] })
      expect((await next).value).toMatchObject({ event: 'block', data: { id } })
      await events.return()
      const block = await createBlock(
        { embedding: [0, 1, 0, 0, 0, 0, 0, 1], model: 'acme:tiny' },
        await Signer.generate(),
      )
      expect(await client.publish(block)).toEqual({ id: block.id })
      const { hits } = await client.search({ vector: [0, 1, 0, 0, 0, 0, 0, 0.9], model: 'acme:tiny', k: 1 })
      expect(hits).toMatchObject([{ block: { id: block.id }, verdict: { status: 'valid' } }])
      expect(await client.get(id)).toMatchObject({ id, tags: ['a'] })
      const archive = new Uint8Array(await new Response(await client.export()).arrayBuffer())
      expect(await client.import(archive)).toMatchObject({ stored: 2, refused: 0 })
      const peer = new SyncClient({ signer: await Signer.generate(), transports: [httpTransport()] })
      await peer.start()
      await peer.connect(`http://127.0.0.1:${port}/sync`)
      await peer.waitForSync()
      expect(await peer.get(id)).toMatchObject({ id })
      await peer.close()
      await expect(client.search({ text: 'a' })).rejects.toMatchObject({ status: 422, code: 'no-embedder' })
    } finally {
      server.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    }
  })
})
