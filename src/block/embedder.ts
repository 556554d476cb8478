/** What a text is embedded for; models that do not distinguish ignore it. */
export type EmbedKind = 'document' | 'query'

/**
 * The port behind which every embedding model stands. `embed` answers one vector per text, in order, each of
 * `dimensions` finite numbers; it splits nothing itself beyond `maxBatch`, which callers honour.
 */
export interface Embedder {
  /** `provider:name[@revision][#dims]`. */
  readonly modelId: string
  readonly dimensions: number
  /** The most texts one call takes (default 64). */
  readonly maxBatch?: number
  embed(texts: readonly string[], options?: { kind?: EmbedKind; signal?: AbortSignal }): Promise<Float32Array[]>
}
