import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Files of `fixtures/`, as plain Node runs them. */
export interface Programs {
  /** Where they stand, as `NAME.mjs`. */
  readonly folder: string
  run(name: string, ...args: string[]): ChildProcess
}

/** Bundles them below a folder, beside a `node_modules` with the optional packages unless told otherwise. */
export async function bundlePrograms(root: string, files: Record<string, string>, peers = true): Promise<Programs> {
  const folder = join(root, peers ? 'programs' : 'programs-alone')
  const input = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, here(`fixtures/${file}`)]))
  await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: { '#platform': here('../../../src/platform/node.ts') } },
    ssr: { noExternal: true, external: ['lmdb', 'pg'] },
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20',
      rollupOptions: { input, output: { entryFileNames: '[name].mjs' } },
    },
  })
  if (peers) await symlink(here('../../../node_modules'), join(folder, 'node_modules'))
  const options: SpawnOptions = { stdio: ['pipe', 'pipe', 'inherit'] }
  return { folder, run: (name, ...args) => spawn(process.execPath, [join(folder, `${name}.mjs`), ...args], options) }
}

/** Kills a program without warning once it has printed this many lines; answers every whole line. */
export function killedAfter(child: ChildProcess, count: number): Promise<string[]> {
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.split('\n').length > count) child.kill('SIGKILL')
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (_code, signal) => {
      if (signal === 'SIGKILL') resolve(output.split('\n').slice(0, -1))
      else reject(new Error('the program ended by itself'))
    })
  })
}
