import { wrapped, type Call } from './wrapped'

/** Told of each call of one method: how long it took, what it answered or how it failed. */
export type OnCall = (call: {
  method: string
  seconds: number
  answer?: unknown
  error?: unknown
  args: unknown[]
}) => void

/** The same object, whose methods of these names are timed. */
export function timed<T extends object>(target: T, methods: ReadonlySet<string>, onCall: OnCall): T {
  return wrapped(target, (method, call) => (methods.has(method) ? measure(method, call, onCall) : undefined))
}

function measure(method: string, call: Call, onCall: OnCall) {
  return async (...args: unknown[]): Promise<unknown> => {
    const start = performance.now()
    const seconds = () => (performance.now() - start) / 1_000
    try {
      const answer = await call(...args)
      onCall({ method, seconds: seconds(), answer, args })
      return answer
    } catch (error) {
      onCall({ method, seconds: seconds(), error, args })
      throw error
    }
  }
}
