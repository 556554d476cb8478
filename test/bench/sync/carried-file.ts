import { readFileSync, writeFileSync } from 'node:fs'
import type { Carried } from './contestant'

/** Records for another process: of each the lengths of id and bytes as u32, then both. */
export function writeCarried(file: string, records: readonly Carried[]): void {
  const parts = records.flatMap(({ id, bytes }) => {
    const lengths = Buffer.alloc(8)
    lengths.writeUInt32LE(id.length)
    lengths.writeUInt32LE(bytes.length, 4)
    return [lengths, Buffer.from(id), bytes]
  })
  writeFileSync(file, Buffer.concat(parts))
}

export function readCarried(file: string): Carried[] {
  const all = readFileSync(file)
  const records: Carried[] = []
  for (let at = 0; at < all.length;) {
    const id = at + 8
    const bytes = id + all.readUInt32LE(at)
    const end = bytes + all.readUInt32LE(at + 4)
    records.push({ id: all.toString('latin1', id, bytes), bytes: new Uint8Array(all.subarray(bytes, end)) })
    at = end
  }
  return records
}
