/** Imported public keys by their bytes, the least recently used dropped first: peers choose the keys, so it is bounded. */
export class KeyCache<Key> {
  readonly #keys = new Map<string, Key>()
  readonly #import: (publicKey: Uint8Array) => Key
  readonly #capacity: number

  constructor(importKey: (publicKey: Uint8Array) => Key, capacity = 1024) {
    this.#import = importKey
    this.#capacity = capacity
  }

  get size(): number {
    return this.#keys.size
  }

  get(publicKey: Uint8Array): Key {
    const name = String.fromCharCode(...publicKey)
    const known = this.#keys.get(name)
    const key = known ?? this.#import(publicKey)
    if (known !== undefined) this.#keys.delete(name)
    else if (this.#keys.size >= this.#capacity) this.#keys.delete(this.#keys.keys().next().value!)
    this.#keys.set(name, key)
    return key
  }
}
