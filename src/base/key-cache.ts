/**
 * What was derived from public keys, by their bytes. Bounded, since peers choose the keys: of two generations, the older one
 * is dropped when the recent one has filled half the capacity. A hit in the recent one, the common case, changes nothing.
 */
export class KeyCache<Value> {
  readonly #derive: (publicKey: Uint8Array) => Value
  readonly #half: number
  #recent = new Map<string, Value>()
  #older = new Map<string, Value>()

  constructor(derive: (publicKey: Uint8Array) => Value, capacity = 1024) {
    this.#derive = derive
    this.#half = Math.ceil(capacity / 2)
  }

  /** Values held, some of them perhaps in both generations. */
  get size(): number {
    return this.#recent.size + this.#older.size
  }

  get(publicKey: Uint8Array): Value {
    const name = String.fromCharCode.apply(null, publicKey as unknown as number[])
    return this.#recent.get(name) ?? this.#renew(name, this.#older.get(name) ?? this.#derive(publicKey))
  }

  #renew(name: string, value: Value): Value {
    if (this.#recent.size >= this.#half) {
      this.#older = this.#recent
      this.#recent = new Map()
    }
    this.#recent.set(name, value)
    return value
  }
}
