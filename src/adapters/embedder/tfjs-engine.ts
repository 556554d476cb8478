import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadPeer } from '../../base/index'

export type Tensorflow = typeof import('@tensorflow/tfjs-core')

const CORE = '@tensorflow/tfjs-core'
const BACKEND = '@tensorflow/tfjs-backend-wasm'

let engine: Promise<Tensorflow> | undefined

/**
 * TensorFlow.js on its WASM backend, loaded once: all its copies in a process share one engine through a global. Older
 * copies run on a newer backend but not the reverse, so whoever brings a copy of its own loads this one first.
 */
export function loadEngine(install: string): Promise<Tensorflow> {
  engine ??= start(install).catch(error => {
    engine = undefined
    throw error
  })
  return engine
}

async function start(install: string): Promise<Tensorflow> {
  const tf = await loadPeer(CORE, () => import('@tensorflow/tfjs-core'), install)
  // Else every further copy reports each of its kernels as registered already.
  tf.enableProdMode()
  const wasm = await loadPeer(BACKEND, () => import('@tensorflow/tfjs-backend-wasm'), install)
  wasm.setWasmPaths(join(await peerFolder(BACKEND, install), 'dist/'))
  await tf.setBackend('wasm')
  return tf
}

/** The folder of an installed package. */
export function peerFolder(name: string, install: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url)
  return loadPeer(name, () => dirname(resolve(`${name}/package.json`)), install)
}
