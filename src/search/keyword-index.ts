/** Finds texts by their words: what a hybrid search asks beside the vectors. */
export interface KeywordIndex {
  /** A text that is not in it. */
  add(id: string, text: string): void
  /** One that may be. */
  remove(id: string): void
  /** Ids of the best `limit`, best first. */
  search(text: string, limit: number): readonly string[]
}
