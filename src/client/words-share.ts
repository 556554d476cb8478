/** The share of `search.maxBytes` that is for words, where there is an index of them; the rest is for vectors. */
export const WORDS_SHARE = 1 / 4
