import { decodeIdEntry, type IdEntry } from './id-entry'
import type { KeyValueStorage } from './key-value-storage'
import { dictionaryKey, dictionaryRange, idKey } from './layout'
import type { LogReader } from './log-reader'
import { readPosting } from './postings'
import { PostingsReader } from './postings-reader'
import { decodeRow } from './term-row'
import { retracts } from './retractable'

/** A retraction that is counted as waiting for its block. */
export interface Waiting {
  readonly author: string
  readonly digest: Uint8Array
  readonly entry: IdEntry
}

/** The retractions that wait for the block of this id, whoever wrote them. */
export async function waitingFor(storage: KeyValueStorage, log: LogReader, id: string): Promise<Waiting[]> {
  const found: Waiting[] = []
  const prefix = retracts(id, '')
  const rows: [author: string, term: number][] = []
  for await (const [key, value] of storage.range(dictionaryRange(prefix))) {
    const author = new TextDecoder().decode(key.subarray(dictionaryKey(prefix).length))
    rows.push([author, decodeRow(key, value).number])
  }
  for (const [author, term] of rows) {
    const reader = new PostingsReader(storage, term, { reverse: false, onDamage: raise })
    const seqs: number[] = []
    while (await reader.next()) seqs.push(readPosting(reader.entries!, reader.at).seq)
    const digests = await log.digests(seqs)
    const entries = await storage.getMany(digests.map(idKey))
    for (const [i, digest] of digests.entries()) {
      const entry = decodeIdEntry(digest, entries[i])
      if (entry?.waiting && (entry.state === 'held' || entry.state === 'lost')) found.push({ author, digest, entry })
    }
  }
  return found
}

function raise(error: unknown): never {
  throw error
}
