import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { cacheFolder, say } from './cache'
import type { Dataset } from './data'
import { loopOver } from './plain-loop'

/** The rows of the true nearest, query by query: what the plain loop finds, kept in the cache. */
export function trueNearest(
  data: Dataset,
  label = '',
  passes?: (row: number) => boolean,
): readonly (readonly number[])[] {
  const digest = createHash('sha256').update(data.vectors)
  for (const query of data.queries) digest.update(query)
  const name = `${data.name}${label}-${digest.digest('hex').slice(0, 16)}.json`
  const file = path.join(cacheFolder('truth'), name)
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as number[][]
  say(`true neighbours of ${data.queries.length} queries among ${data.count}, once`)
  const nearest = data.queries.map(loopOver(data, passes))
  writeFileSync(file, JSON.stringify(nearest))
  return nearest
}

/** Mean share of the true nearest that is found. */
export function recallOf(found: readonly (readonly number[])[], truth: readonly (readonly number[])[]): number {
  const shares = truth.map((rows, i) => rows.filter(row => found[i]!.includes(row)).length / rows.length)
  return shares.reduce((a, b) => a + b) / shares.length
}
