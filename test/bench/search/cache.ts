import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/**
 * Where the search benchmarks keep what is dear to make (peers, vectors of real text, indexes of peers, true neighbours), outside
 * the working tree, so that every checkout shares it: `$XDG_CACHE_HOME/cosmic-embeddings`, or `~/.cache/cosmic-embeddings`.
 */
export function cacheFolder(...names: readonly string[]): string {
  const base = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache')
  const folder = path.join(base, 'cosmic-embeddings', ...names)
  mkdirSync(folder, { recursive: true })
  return folder
}

/** A line of progress; standard output belongs to the report. */
export function say(line: string): void {
  process.stderr.write(`» ${line}\n`)
}
