import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { build, type BuildOptions } from 'esbuild'
import { root } from '../tools/run.mjs'

/** What the `imports` conditions of package.json choose in `dist/`, chosen here in `src/`. */
const PER_RUNTIME: readonly [string, (platform: string) => string][] = [
  ['#platform', platform => platform],
  ['#web-socket', platform => `web-socket.${platform}`],
  ['#worker-port', platform => `worker-port.${platform}`],
  ['#simple-peer', platform => `simple-peer.${platform}`],
]

/** A file of this folder with everything inside, on one of the library's platforms. */
export async function bundle(entry: string, platform: 'browser' | 'node', format: 'iife' | 'esm'): Promise<string> {
  const options: BuildOptions = {
    entryPoints: [`${root}test/runtimes/${entry}`],
    alias: Object.fromEntries(PER_RUNTIME.map(([name, file]) => [name, `${root}src/platform/${file(platform)}.ts`])),
    // Native, or told apart by the runtime itself.
    external: platform === 'node' ? ['ws', 'simple-peer', '@roamhq/wrtc', 'ai', 'ai/test'] : [],
    bundle: true,
    format,
    platform,
    logLevel: 'silent',
  }
  const { outputFiles } = await build({ ...options, write: false })
  return outputFiles[0]!.text
}

export interface PageServer {
  readonly url: string
  close(): void
}

/** Serves one page that runs a file of this folder, on loopback: web crypto needs a secure context. Under `/sandboxed` it has an origin of its own and no storage. */
export async function servePage(entry: string): Promise<PageServer> {
  const script = (await bundle(entry, 'browser', 'iife')).replaceAll('</script', '<\\/script')
  const page = `<!doctype html><meta charset="utf-8"><script>${script}</script>`
  const server = createServer(({ url }, response) => {
    if (url === '/sandboxed') response.setHeader('content-security-policy', 'sandbox allow-scripts')
    response.setHeader('content-type', 'text/html').end(page)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, close: () => void server.close() }
}
