/** A worker that runs `cosmic-embeddings/worker`: a browser's, or one of Node's `worker_threads`. */
export interface SearchWorker {
  postMessage(message: unknown, transfer: never[]): void
  terminate(): unknown
}

/** What both kinds have in common. */
export interface WorkerLink {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void
  /** Whether the process is kept alive for it, where that is a question. */
  hold(held: boolean): void
  end(): void
}

interface WebWorker extends SearchWorker {
  addEventListener(
    type: string,
    listener: (event: { readonly data?: unknown; readonly message?: string }) => void,
  ): void
}

interface NodeWorker extends SearchWorker {
  on(type: string, listener: (value: unknown) => void): unknown
  ref(): void
  unref(): void
}

/** Listens to a worker; `onEnd` hears why it can answer no more. */
export function linkWorker(
  worker: SearchWorker,
  onMessage: (message: unknown) => void,
  onEnd: (cause: unknown) => void,
): WorkerLink {
  if ('addEventListener' in worker) {
    const web = worker as WebWorker
    web.addEventListener('message', ({ data }) => onMessage(data))
    web.addEventListener('error', ({ message }) => onEnd(message ?? 'it failed to load or to run'))
    web.addEventListener('messageerror', () => onEnd('a message could not be read'))
  } else {
    const node = worker as NodeWorker
    node.on('message', onMessage)
    node.on('error', onEnd)
    node.on('messageerror', onEnd)
    node.on('exit', code => onEnd(`it ended with code ${String(code)}`))
  }
  return {
    post: (message, transfer) => worker.postMessage(message, [...transfer] as never[]),
    hold(held) {
      if ('unref' in worker) (worker as NodeWorker)[held ? 'ref' : 'unref']()
    },
    end: () => void worker.terminate(),
  }
}
