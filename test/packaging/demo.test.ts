import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { root } from '../tools/run.mjs'

/** What `npm run demo` runs once everything is installed and built. */
async function runDemo(): Promise<{ code: number; printed: string }> {
  const demo = spawn('npx', ['tsx', '--tsconfig', '.config/tsconfig.run.json', 'examples/demo/main.ts'], { cwd: root })
  let printed = ''
  demo.stdout.on('data', chunk => (printed += chunk))
  demo.stderr.on('data', chunk => (printed += chunk))
  const [code] = (await once(demo, 'close')) as [number]
  return { code, printed }
}

test('the demo: two models, two processes, one memory, and two bad blocks refused', { timeout: 240_000 }, async () => {
  const { code, printed } = await runDemo()
  expect(printed).toMatch(/Ada: received and verified 800 blocks/)
  expect(printed).toMatch(/Grace: received and verified 800 blocks/)
  expect(printed).toMatch(/“bad weather with lightning and heavy rain”\n.*valid +Grace +thunderstorm:/)
  expect(printed).toMatch(/“a rock that fell from the sky”\n.*valid +Ada +meteorite:/)
  expect(printed).toMatch(/Sun \d+° (above|below) the horizon; Moon in \w+/)
  expect(printed.match(/Invalid \(sky-mismatch/g)).toHaveLength(2)
  expect(printed.match(/Invalid \(bad-signature/g)).toHaveLength(2)
  expect(printed).toMatch(/blocks stored +1604 +1604/)
  expect(code).toBe(0)
})
