import { existsSync } from 'node:fs'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { CHROMIUM_FLAGS, CHROMIUM_PATH } from '../tools/chromium.mjs'
import { root } from '../tools/run.mjs'
import type { BenchResult } from './benchmark'
import type { Samples } from './samples'
import type { PageSample } from './verify-page'

declare const verifyInPage: (samples: readonly PageSample[]) => Promise<BenchResult[]>

/** An origin of its own, answered by the test: WebCrypto needs a secure context, which localhost is. */
const PAGE = 'http://localhost/'

/** The same comparison in a page of Chromium, with the built package bundled as a user's bundler does; nothing without Chromium. */
export async function verifyInChromium({ all }: Samples): Promise<BenchResult[]> {
  if (!existsSync(CHROMIUM_PATH)) return []
  const samples = all.map(({ bytes, publicKey, message, signature }) => ({
    ...{ bytes: base64(bytes), publicKey: base64(publicKey) },
    ...{ message: base64(message), signature: base64(signature) },
  }))
  const browser = await chromium.launch({ executablePath: CHROMIUM_PATH, args: CHROMIUM_FLAGS })
  try {
    const page = await browser.newPage()
    await page.route(PAGE, route => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }))
    await page.goto(PAGE)
    await page.addScriptTag({ content: await bundlePage() })
    return await page.evaluate(given => verifyInPage(given), samples)
  } finally {
    await browser.close()
  }
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['test/bench/verify-page.ts'],
    // Without the paths that lead into src/: the package as it is built.
    tsconfig: '.config/tsconfig.run.json',
    ...{ bundle: true, minify: true, write: false, format: 'iife', platform: 'browser', logLevel: 'silent' },
  })
  return outputFiles[0]!.text
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}
