import type { WorkerPortPlatform } from './worker-port.types'

export type * from './worker-port.types'

interface WorkerScope {
  postMessage(message: unknown, transfer: Transferable[]): void
  addEventListener(type: 'message', listener: (event: MessageEvent<unknown>) => void): void
}

export const workerPort: WorkerPortPlatform['workerPort'] = () => {
  if (!('WorkerGlobalScope' in globalThis)) return undefined
  const scope = globalThis as unknown as WorkerScope
  return {
    post: (message, transfer) => scope.postMessage(message, [...transfer]),
    onMessage: listener => scope.addEventListener('message', ({ data }) => listener(data)),
  }
}
