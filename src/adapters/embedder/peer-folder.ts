import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { loadPeer } from '../../base/index'
import { BACKEND } from './tfjs-engine'

/** The folder of an installed package. */
export function peerFolder(name: string, install: string): Promise<string> {
  const { resolve } = createRequire(import.meta.url)
  return loadPeer(name, () => dirname(resolve(`${name}/package.json`)), install)
}

/** Where the installed TensorFlow.js has its WASM binaries. */
export async function wasmFolder(install: string): Promise<string> {
  return join(await peerFolder(BACKEND, install), 'dist/')
}
