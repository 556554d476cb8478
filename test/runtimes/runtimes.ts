import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { BUN_PATH, DENO_PATH, nodePath } from '../tools/other-runtimes.mjs'
import { bundle, servePage } from './bundle'
import type { Judgement, MadeBlocks } from './skies'

/** Makes and judges blocks in one runtime. */
export interface OpenRuntime {
  make(): Promise<MadeBlocks>
  judge(envelopes: readonly string[]): Promise<readonly Judgement[]>
  close(): Promise<void>
}

export interface Runtime {
  readonly name: string
  /** The executable, without which it is skipped. */
  readonly file: string
  open(): Promise<OpenRuntime>
}

export const RUNTIMES: readonly Runtime[] = [
  { name: 'Node', file: process.execPath, open: () => processes(process.execPath, []) },
  { name: 'Node 22', file: nodePath(22), open: () => processes(nodePath(22), []) },
  { name: 'Node 24', file: nodePath(24), open: () => processes(nodePath(24), []) },
  { name: 'Deno', file: DENO_PATH, open: () => processes(DENO_PATH, ['run', '--allow-env', '--allow-read']) },
  { name: 'Bun', file: BUN_PATH, open: () => processes(BUN_PATH, ['run']) },
  { name: 'Chromium', file: CHROMIUM_PATH, open: () => page(openChromium) },
  { name: 'Firefox', file: FIREFOX_PATH, open: () => page(openFirefox) },
]

/** Every call is a process of its own. */
async function processes(file: string, args: readonly string[]): Promise<OpenRuntime> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-skies-'))
  const script = path.join(folder, 'skies.mjs')
  writeFileSync(script, await bundle('skies-process.ts', 'node', 'esm'))
  const call = async (input: string): Promise<unknown> => {
    const child = spawn(file, [...args, script], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(input)
    return JSON.parse(await text(child.stdout))
  }
  return {
    make: () => call('') as Promise<MadeBlocks>,
    judge: envelopes => call(JSON.stringify(envelopes)) as Promise<readonly Judgement[]>,
    close: async () => rmSync(folder, { recursive: true }),
  }
}

interface OpenTab {
  evaluate(code: string): Promise<unknown>
  close(): Promise<void>
}

async function page(open: (url: string) => Promise<OpenTab>): Promise<OpenRuntime> {
  const server = await servePage('skies-page.ts')
  const tab = await open(server.url)
  return {
    make: () => tab.evaluate('makeBlocks()') as Promise<MadeBlocks>,
    judge: envelopes => tab.evaluate(`judgeBlocks(${JSON.stringify(envelopes)})`) as Promise<readonly Judgement[]>,
    async close() {
      await tab.close()
      server.close()
    },
  }
}

async function openChromium(url: string): Promise<OpenTab> {
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  const tab = await browser.newPage()
  await tab.goto(url)
  return { evaluate: code => tab.evaluate(code), close: () => browser.close() }
}

async function openFirefox(url: string): Promise<OpenTab> {
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath: FIREFOX_PATH, headless: true })
  const tab = await browser.newPage()
  await tab.goto(url)
  return { evaluate: code => tab.evaluate(code), close: () => browser.close() }
}

/** Those that are here; the others are named aloud. */
export function availableRuntimes(): readonly Runtime[] {
  return RUNTIMES.filter(({ name, file }) => {
    if (existsSync(file)) return true
    console.warn(`\n*** SKIPPED: ${name} (test/runtimes): no ${file} ***\n`)
    return false
  })
}
