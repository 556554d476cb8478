import { build } from 'esbuild'
import { root } from '../tools/run.mjs'

/** A web page of one script of this folder with everything that it imports inside, on the browser's platform. */
export async function bundlePage(script: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [`${root}test/runtimes/${script}`],
    alias: { '#platform': `${root}src/platform/browser.ts` },
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    logLevel: 'silent',
  })
  const text = outputFiles[0]!.text.replaceAll('</script', '<\\/script')
  return `<!doctype html><meta charset="utf-8"><script>${text}</script>`
}
