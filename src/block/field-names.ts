import type { BlockFields, HashedInput, TextInput } from './block-fields'

type NameOf<T> = T extends unknown ? keyof T & string : never
type Names<T> = Readonly<Record<NameOf<T>, 1>>

const FIELDS: Names<BlockFields> = {
  ...{ time: 1, place: 1, sky: 1, tags: 1, links: 1, supersedes: 1, expires: 1, beacon: 1, sights: 1, extensions: 1 },
  ...{ allowSightsWithCoarsePlace: 1, embedding: 1, model: 1, element: 1, input: 1, embedder: 1, signal: 1 },
  ...{ recipients: 1, random: 1, translator: 1, profile: 1, keywrap: 1, rotation: 1, retraction: 1, witness: 1 },
  ...{ inclusion: 1, timeproof: 1 },
}
const INPUT: Names<TextInput | HashedInput> = { type: 1, content: 1, inline: 1, origin: 1, hash: 1 }

/** What `createBlock` takes, of whatever kind. */
export const FIELD_NAMES: readonly string[] = /* @__PURE__ */ Object.keys(FIELDS)
export const INPUT_NAMES: readonly string[] = /* @__PURE__ */ Object.keys(INPUT)
