import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { nodePath } from '../tools/other-runtimes.mjs'
import { root } from '../tools/run.mjs'
import { bundle } from './bundle'

const NODE = nodePath(24)
const runs = existsSync(NODE)
if (!runs) console.warn(`\n*** SKIPPED: the AI SDK on Node 24: no ${NODE} ***\n`)

test.skipIf(!runs)('the AI SDK, which asks for Node 22 or later, works the memory on Node 24', async () => {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache', 'ai-sdk-'))
  const script = path.join(folder, 'ai-sdk.mjs')
  writeFileSync(script, await bundle('ai-sdk-process.ts', 'node', 'esm'))
  try {
    const printed = execFileSync(NODE, [script], { encoding: 'utf8' })
    const { text, outputs, dimensions } = JSON.parse(printed) as { text: string; outputs: object[]; dimensions: number }
    expect([text, dimensions]).toEqual(['done', 8])
    expect(outputs).toMatchObject([
      { id: expect.any(String) },
      { memories: [{ text: 'water boils', own: true, status: 'valid' }] },
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
