import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newFolder, runCommand } from './run-command'

const cwd = newFolder()
beforeAll(() => runCommand(['init', '--yes', '--set', 'embedder.kind=none'], { cwd }))
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

test('whoever holds the port is sent no token, though a serve that was killed had announced itself there', async () => {
  const heard: unknown[] = []
  const squatter = createServer(({ url, headers }, answer) => {
    heard.push([url, headers.authorization])
    answer.end('{}')
  })
  await new Promise<void>(resolve => squatter.listen(0, '127.0.0.1', resolve))
  const { port } = squatter.address() as AddressInfo
  const tokens = 'http.tokens=[{"token":"a-token-for-everything","scopes":["admin"]}]'
  const given = ['--set', `http.port=${port}`, '--set', tokens]
  const { pid } = spawnSync(process.execPath, ['--version'])
  const said = path.join(cwd, 'cosmic-data', 'serve.json')
  for (const left of [undefined, { pid, url: `http://127.0.0.1:${port}`, addresses: [] }, [], { pid: 0, url: 7 }]) {
    if (left) writeFileSync(said, JSON.stringify(left))
    expect((await runCommand(['doctor', '--only', 'ports', ...given], { cwd })).code).toBe(3)
    expect((await runCommand(['peers', ...given], { cwd })).code).toBe(0)
  }
  expect(heard).toEqual([])
  squatter.close()
  rmSync(said)
  let mode = 0
  await runCommand(['serve', '--jsonl', '--set', 'http.port=0'], {
    cwd,
    watch: (_, stop) => {
      mode = statSync(said).mode & 0o777
      stop()
    },
  })
  expect([mode, existsSync(said)]).toEqual([0o600, false])
})
