import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

/** What the script prints when it has ended by itself. */
async function printed(script: string, ...args: string[]): Promise<unknown> {
  const env = { ...process.env, TSX_TSCONFIG_PATH: '.config/tsconfig.run.json' }
  const file = fileURLToPath(new URL(script, import.meta.url))
  const run = promisify(execFile)(process.execPath, ['--import', 'tsx', file, ...args], { env, timeout: 90_000 })
  return JSON.parse((await run).stdout)
}

test.concurrent.each(['memory', 'websocket', 'http', 'webrtc'])(
  'after agents over %s are closed nothing keeps their process alive',
  async name => {
    expect(await printed('./agents-that-close.ts', name)).toEqual([])
  },
)

test.concurrent(
  'an agent that is closed in whatever state its session is leaves nothing that keeps its process alive',
  async () => {
    expect(await printed('./agents-that-close-early.ts')).toEqual([])
  },
  100_000,
)
