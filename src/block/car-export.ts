/** Anything that carries an envelope, such as a block. */
export interface Enveloped {
  readonly bytes: Uint8Array
}

export interface CarExportOptions {
  /**
   * Leaves out this many bytes at the beginning (default 0): what an interrupted receiver has already. The same blocks in
   * the same order make the same archive.
   */
  readonly offset?: number
  /** Fires between two blocks: the iteration rejects with `aborted`. */
  readonly signal?: AbortSignal
}

/**
 * Writes blocks as a CAR archive (https://ipld.io/specs/transport/car/carv1/), one chunk a block: its payload under its id,
 * and a DAG-CBOR node `{block, signature}` (docs/spec/car.md). Nothing is held back, so the archive may have any size.
 * Rejects with `aborted`, and as `decodeBlock` does for bytes that are no envelope.
 *
 * @example
 * ```ts
 * await writeFile('memory.car', Readable.from(exportCar(blocks)))
 * ```
 */
export async function* exportCar(
  blocks: AsyncIterable<Enveloped> | Iterable<Enveloped>,
  options: CarExportOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { writeCar } = await import('./car')
  yield* writeCar(blocks, options)
}
