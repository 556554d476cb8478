import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { root } from '../tools/run.mjs'
import type { Benchmark, BenchResult } from './benchmark'

const ROUNDS = 3

type Rates = Record<'ingest' | 'store' | 'raw', number>

const benchmark: Benchmark = {
  about:
    'Blocks a second into IndexedDB in Chromium, with strict durability: 2,048 blocks (384 dimensions f32, a short text, two ' +
    'tags, 16 authors) in batches of 256, verified, stored with every index and searchable (`ingest`), or verified before and ' +
    'stored with every index (`store`). The peer puts the same bytes under a number each, one transaction a batch, with no ' +
    'index and no check: what the browser itself can do.',
  run: async () => results(await measure()),
}
export default benchmark

async function measure(): Promise<Rates[]> {
  const page = await bundlePage()
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(page))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  try {
    const tab = await browser.newPage()
    await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await tab.evaluate('prepare()')
    const rounds: Rates[] = []
    for (let round = 0; round <= ROUNDS; round++) rounds.push((await tab.evaluate('round()')) as Rates)
    return rounds.slice(1)
  } finally {
    await browser.close()
    server.close()
  }
}

function results(rounds: readonly Rates[]): BenchResult[] {
  const raw = median(rounds.map(rates => rates.raw))
  return (['ingest', 'store'] as const).map(name => {
    const value = median(rounds.map(rates => rates[name]))
    const ratios = {
      [`raw put (${Math.round(raw).toLocaleString('en-US')} blocks/s)`]: Number((value / raw).toFixed(2)),
    }
    return { case: name, value: Math.round(value), unit: 'blocks/s', ratios }
  })
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** The built package, as a bundler of its users sees it. */
async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`${root}test/bench/indexeddb-page.ts`],
    tsconfigRaw: {},
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'silent',
  })
  return `<!doctype html><meta charset="utf-8"><script>${outputFiles[0]!.text.replaceAll('</script', '<\\/script')}</script>`
}
