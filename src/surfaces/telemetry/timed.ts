/** Told of each call of one method: how long it took, what it answered or how it failed. */
export type OnCall = (call: {
  method: string
  seconds: number
  answer?: unknown
  error?: unknown
  args: unknown[]
}) => void

/**
 * The same object, whose methods of these names are timed. A proxy, since what it stands before has private members, optional
 * methods and others to come; before an empty object of its class, since what is frozen can only be shown as it is.
 */
export function timed<T extends object>(target: T, methods: ReadonlySet<string>, onCall: OnCall): T {
  const bound = new Map<PropertyKey, unknown>()
  const empty = Object.create(Object.getPrototypeOf(target) as object | null) as T
  return new Proxy(empty, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const known = bound.get(name)
      if (known !== undefined) return known
      const call = value.bind(target) as (...args: unknown[]) => unknown
      const made = typeof name === 'string' && methods.has(name) ? measure(name, call, onCall) : call
      bound.set(name, made)
      return made
    },
    has: (_, name) => Reflect.has(target, name),
    set: (_, name, value) => Reflect.set(target, name, value, target),
  })
}

function measure(method: string, call: (...args: unknown[]) => unknown, onCall: OnCall) {
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
