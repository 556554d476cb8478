import { crc32 } from '#platform'
import { equal, utf8 } from '../base/index'

/** A note kept beside the blocks, with the CRC-32 of its text, so that a damaged one is not believed. */
export function summedText(text: string): Uint8Array {
  return utf8(`${text}/${crc32(utf8(text))}`)
}

/** The text of such a note; `undefined` for none, and for one that is not what was written. */
export function readSummedText(note: Uint8Array | undefined): string | undefined {
  const text = note && new TextDecoder().decode(note).split('/').slice(0, -1).join('/')
  return text !== undefined && equal(note!, summedText(text)) ? text : undefined
}
