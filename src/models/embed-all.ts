import { throwIfAborted } from '../base/index'
import type { EmbedKind, Embedder } from '../block/index'

/**
 * One vector per text, in order, asked for in batches of the embedder's `maxBatch` (64 when it names none).
 * Rejects as the embedder does, with `aborted` between batches once the signal has fired.
 *
 * @example
 * ```ts
 * const vectors = await embedAll(embedder, texts, { onProgress: (done, total) => console.log(`${done}/${total}`) })
 * ```
 */
export async function embedAll(
  embedder: Embedder,
  texts: readonly string[],
  options: { kind?: EmbedKind; signal?: AbortSignal; onProgress?: (done: number, total: number) => void } = {},
): Promise<Float32Array[]> {
  const { onProgress, ...call } = options
  const batch = embedder.maxBatch ?? 64
  const vectors: Float32Array[] = []
  for (let at = 0; at < texts.length; at += batch) {
    throwIfAborted(call.signal)
    vectors.push(...(await embedder.embed(texts.slice(at, at + batch), call)))
    onProgress?.(vectors.length, texts.length)
  }
  return vectors
}
