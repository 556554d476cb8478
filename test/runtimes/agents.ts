import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { root } from '../tools/run.mjs'
import type { AgentTerms } from './agent'
import { bundle, servePage } from './bundle'

/** An agent of another runtime. */
export interface RemoteAgent {
  holds(blocks: number): Promise<number>
  /** How its first session ended: `bye`, or a code. */
  ended(): Promise<string>
  close(): Promise<void>
}

/** Where agents can be started. */
export interface AgentRuntime {
  start(terms: AgentTerms): Promise<RemoteAgent>
  close(): Promise<void>
}

let folders = 0

interface Tab {
  evaluate(code: string): Promise<unknown>
  close(): Promise<void>
}

/** Candidates with their numbers, so that those of this machine can be told from others. */
const CHROMIUM_NUMBERS = ['--disable-features=WebRtcHideLocalIpsWithMdns']
const FIREFOX_NUMBERS = {
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  // Or it asks no TURN server on loopback.
  'media.peerconnection.ice.loopback': true,
}

/** This machine's own addresses. Firefox offers no others: packets to them go no further than its own kernel. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(list => (list ?? []).map(({ address }) => address))
}

async function chromiumTab(url: string): Promise<Tab> {
  const browser = await chromium.launch({
    executablePath: CHROMIUM_PATH,
    args: [...CHROMIUM_FLAGS, ...CHROMIUM_NUMBERS],
  })
  const page = await browser.newPage()
  await page.goto(url)
  return { evaluate: code => page.evaluate(code), close: () => browser.close() }
}

async function firefoxTab(url: string): Promise<Tab> {
  const extraPrefsFirefox = FIREFOX_NUMBERS
  const options = { browser: 'firefox', executablePath: FIREFOX_PATH, headless: true, extraPrefsFirefox } as const
  const browser = await puppeteer.launch(options)
  const page = await browser.newPage()
  await page.goto(url)
  return { evaluate: code => page.evaluate(code), close: () => browser.close() }
}

/** A page of a real browser; several agents in it share the page and nothing else. */
export async function browserAgents(name: 'Chromium' | 'Firefox'): Promise<AgentRuntime> {
  const server = await servePage('agent-page.ts')
  const tab = await (name === 'Chromium' ? chromiumTab : firefoxTab)(server.url)
  return {
    async start(terms) {
      const index = await tab.evaluate(`start(${JSON.stringify(terms)})`)
      const call = (method: string, argument = 0) => tab.evaluate(`call(${index}, '${method}', ${argument})`)
      return {
        holds: count => call('holds', count) as Promise<number>,
        ended: () => call('ended') as Promise<string>,
        close: async () => void (await call('close')),
      }
    },
    async close() {
      await tab.close()
      server.close()
    },
  }
}

/** Processes of `file`. Closing an agent waits until its process has ended by itself, and fails if it does not. */
export async function processAgents(file: string, args: readonly string[]): Promise<AgentRuntime> {
  // Below the repository, since `ws` is found from there.
  const folder = path.join(root, '.cache', `agents-${process.pid}-${folders++}`)
  mkdirSync(folder, { recursive: true })
  const script = path.join(folder, 'agent.mjs')
  writeFileSync(script, await bundle('agent-process.ts', 'node', 'esm'))
  return {
    start: terms => startProcess(file, [...args, script], terms),
    close: async () => rmSync(folder, { recursive: true }),
  }
}

/** How long a process may take to end by itself. Timers of 5 s and more that were left running are noticed. */
const EXIT_MS = 4_000

async function startProcess(file: string, args: readonly string[], terms: AgentTerms): Promise<RemoteAgent> {
  const child = spawn(file, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const call = async (method: string, argument: unknown = 0) => {
    child.stdin.write(`${JSON.stringify([method, argument])}\n`)
    const { value, done } = await answers.next()
    if (done) throw new Error(`the process ended instead of an answer to ${method}`)
    return JSON.parse(value) as unknown
  }
  await call('start', terms)
  return {
    holds: count => call('holds', count) as Promise<number>,
    ended: () => call('ended') as Promise<string>,
    async close() {
      await call('close')
      const late = setTimeout(() => child.kill('SIGKILL'), EXIT_MS)
      const [code, signal] = (await exit) as [number | null, string | null]
      clearTimeout(late)
      if (code !== 0) throw new Error(`the process did not end by itself: ${signal ?? code}`)
    },
  }
}
