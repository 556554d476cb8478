import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { build } from 'esbuild'
import { root } from './run.mjs'

/** `cosmic-embeddings/worker` of this tree in one file. */
export async function bundleWorker(): Promise<URL> {
  const { outputFiles } = await build({
    entryPoints: [`${root}src/search/worker/entry.ts`],
    ...{ bundle: true, format: 'esm', platform: 'node', write: false, logLevel: 'silent' },
  })
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'cosmic-worker-')), 'worker.mjs')
  writeFileSync(file, outputFiles[0]!.text)
  return pathToFileURL(file)
}

/** A worker that runs some lines instead. */
export function badWorker(code: string): Worker {
  return new Worker(`const { parentPort } = require('node:worker_threads'); ${code}`, { eval: true })
}
