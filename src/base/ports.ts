/** Milliseconds since the Unix epoch (UTC). */
export interface Clock {
  now(): number
}

/** Cryptographic randomness, or a seeded twin of it in simulations. */
export interface Random {
  bytes(length: number): Uint8Array
}

/** One-shot timers. `set` returns the function that cancels; a pending timer never keeps a process alive by itself when `unref` is set. */
export interface Timers {
  set(callback: () => void, milliseconds: number, options?: { unref?: boolean }): () => void
}
