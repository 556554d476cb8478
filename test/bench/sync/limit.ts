import crypto from 'node:crypto'
import path from 'node:path'
import { decodeBlock, parseDidKey } from 'cosmic-embeddings'
import { open } from 'lmdb'
import { takeApart } from '../samples'
import type { Carried } from './contestant'

/**
 * Records a second of one thread that does nothing but check each signature and put the record into LMDB, whose own batches
 * are synced: what the transfers are measured by. Messages and keys lie ready.
 */
export async function measureLimit(folder: string, records: readonly Carried[]): Promise<number> {
  const db = open<Uint8Array, string>({ path: path.join(folder, 'limit'), encoding: 'binary' })
  const parts = records.map(({ id, bytes }) => ({ id, ...takeApart(bytes, keyOf(bytes)) }))
  const start = performance.now()
  for (const { id, bytes, message, key, signature } of parts) {
    if (!crypto.verify(null, message, key, signature)) throw new Error('a good signature is refused')
    void db.put(id, bytes)
  }
  await db.flushed
  const rate = (records.length * 1_000) / (performance.now() - start)
  await db.close()
  return rate
}

function keyOf(bytes: Uint8Array): Uint8Array {
  const block = decodeBlock(bytes)
  const key = block.ok ? parseDidKey(block.value.author) : block
  if (!key.ok) throw new Error(key.error.code)
  return key.value
}
