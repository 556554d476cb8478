import { existsSync } from 'node:fs'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../../tools/chromium.mjs'
import { root } from '../../tools/run.mjs'
import type { BenchResult } from '../benchmark'
import { say } from './cache'
import { significant } from './compare-engines'
import { measureEngines, type Rates } from './measure-engines'

declare const measureInPage: () => Promise<Rates>

const PAGE = 'http://localhost/'

/** The same engine, data and code in a page of Chromium and in this process; nothing without Chromium. */
export async function searchInChromium(): Promise<BenchResult[]> {
  if (!existsSync(CHROMIUM_PATH)) {
    say(`*** WITHOUT Chromium: there is none at ${CHROMIUM_PATH}. ***`)
    return []
  }
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  try {
    const page = await browser.newPage()
    await page.route(PAGE, route => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
    await page.goto(PAGE)
    await page.addScriptTag({ content: await bundlePage() })
    say('filling and measuring in Chromium, then here')
    const there = await page.evaluate(() => measureInPage())
    const here = await measureEngines()
    say(`Chromium runs ${there.kernels}, Node ${here.kernels}`)
    return (['flat', 'clusters'] as const).map(name => ({
      case: `${name} in Chromium, recall 0.95 asked`,
      value: Math.round(there[name]),
      unit: 'op/s',
      ratios: { 'the same in Node': significant(there[name] / here[name]) },
    }))
  } finally {
    await browser.close()
  }
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['test/bench/search/chromium-page.ts'],
    // Without the paths that lead into src/: the package as it is built.
    tsconfig: '.config/tsconfig.run.json',
    ...{ bundle: true, minify: true, write: false, format: 'iife', platform: 'browser', logLevel: 'silent' },
  })
  return outputFiles[0]!.text
}
