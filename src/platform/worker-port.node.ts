import { parentPort } from 'node:worker_threads'
import type { WorkerPortPlatform } from './worker-port.types'

export type * from './worker-port.types'

export const workerPort: WorkerPortPlatform['workerPort'] = () => {
  const port = parentPort
  if (!port) return undefined
  return {
    post: (message, transfer) => port.postMessage(message, transfer),
    onMessage: listener => void port.on('message', listener),
  }
}
