import { CosmicError, loadPeer } from '../../base/index'

export type Tensorflow = typeof import('@tensorflow/tfjs-core')

const CORE = '@tensorflow/tfjs-core'
export const BACKEND = '@tensorflow/tfjs-backend-wasm'

let engine: Promise<Tensorflow> | undefined

/**
 * TensorFlow.js on its WASM backend, loaded once: all its copies in a process share one engine through a global. Older
 * copies run on a newer backend but not the reverse, so whoever brings a copy of its own loads this one first.
 * `wasmFolder` answers where the backend's binaries are: a path in Node, a URL in browsers, with its last slash.
 */
export function loadEngine(install: string, wasmFolder: (install: string) => Promise<string>): Promise<Tensorflow> {
  engine ??= start(install, wasmFolder).catch(error => {
    engine = undefined
    throw error
  })
  return engine
}

async function start(install: string, wasmFolder: (install: string) => Promise<string>): Promise<Tensorflow> {
  const tf = await loadPeer(CORE, () => import('@tensorflow/tfjs-core'), install)
  // Else every further copy reports each of its kernels as registered already.
  tf.enableProdMode()
  const wasm = await loadPeer(BACKEND, () => import('@tensorflow/tfjs-backend-wasm'), install)
  wasm.setWasmPaths(await wasmFolder(install))
  if (!(await tf.setBackend('wasm'))) {
    throw new CosmicError({ code: 'embedder', field: 'wasm', hint: 'the WASM binaries are not where they should be' })
  }
  return tf
}
