/** A call of one method, bound to its object. */
export type Call = (...args: unknown[]) => unknown

/** What stands in place of a method; `undefined` leaves it as it is. */
export type Wrap = (method: string, call: Call) => ((...args: unknown[]) => Promise<unknown>) | undefined

/**
 * The same object with other methods in place of some. A proxy, since what it stands before has private members, optional
 * methods and others to come; before an empty object of its class, since what is frozen can only be shown as it is.
 */
export function wrapped<T extends object>(target: T, wrap: Wrap): T {
  const bound = new Map<PropertyKey, unknown>()
  const empty = Object.create(Object.getPrototypeOf(target) as object | null) as T
  return new Proxy(empty, {
    get(_, name) {
      const known = bound.get(name)
      if (known !== undefined) return known
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const call = value.bind(target) as Call
      const made = (typeof name === 'string' && wrap(name, call)) || call
      bound.set(name, made)
      return made
    },
    has: (_, name) => Reflect.has(target, name),
    set(_, name, value) {
      bound.delete(name)
      return Reflect.set(target, name, value, target)
    },
  })
}
