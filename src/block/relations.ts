/**
 * The relations that docs/spec/block.md gives a meaning, read from the block that carries the link to the block that it
 * names: this block is derived from that one, supports it, and so on. They are claims of the author; nothing checks them.
 *
 * @example
 * ```ts
 * await createBlock({ ...fields, links: [{ relation: RELATIONS.contradicts, id: other.id }] }, signer)
 * ```
 */
export const RELATIONS = {
  /** Made from it: a summary, a part, a conclusion. */
  derivedFrom: 'derived-from',
  /** Evidence or an argument for it. */
  supports: 'supports',
  /** Cannot be true together with it. */
  contradicts: 'contradicts',
  /** The same content in another language. */
  translates: 'translates',
  /** The same input embedded by another model. */
  reembeds: 're-embeds',
  /** Names it as a source, without more. */
  cites: 'cites',
  /** An answer to the question that it is, or a reaction to it. */
  repliesTo: 'replies-to',
  /** A part of the whole that it is. */
  partOf: 'part-of',
} as const

/** A relation with a meaning in the specification. */
export type KnownRelation = (typeof RELATIONS)[keyof typeof RELATIONS]
