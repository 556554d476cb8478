import { BoundedMap } from './bounded-map'

/** What was derived from public keys, by their bytes. Bounded, since peers choose the keys. */
export class KeyCache<Value> {
  readonly #derive: (publicKey: Uint8Array) => Value
  readonly #values: BoundedMap<Value>

  constructor(derive: (publicKey: Uint8Array) => Value, capacity = 1024) {
    this.#derive = derive
    this.#values = new BoundedMap(capacity)
  }

  /** Values held, some of them perhaps twice. */
  get size(): number {
    return this.#values.size
  }

  get(publicKey: Uint8Array): Value {
    const name = String.fromCharCode.apply(null, publicKey as unknown as number[])
    const known = this.#values.get(name)
    if (known !== undefined) return known
    const value = this.#derive(publicKey)
    this.#values.set(name, value)
    return value
  }
}
