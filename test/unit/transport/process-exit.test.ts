import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./agents-that-close.ts', import.meta.url))

test.concurrent.each(['memory', 'websocket', 'webrtc'])(
  'after agents over %s are closed nothing keeps their process alive',
  async name => {
    const env = { ...process.env, TSX_TSCONFIG_PATH: '.config/tsconfig.run.json' }
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', SCRIPT, name], { env })
    expect(JSON.parse(stdout)).toEqual([])
  },
)
