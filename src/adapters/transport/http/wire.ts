import { MAX_MESSAGE_BYTES } from '../../../wire/index'

/** Of what is said here. A server of another version answers 400. */
export const VERSION = '1'
export const VERSION_HEADER = 'cosmic-version'
/** Names the session; whoever knows it may speak in it, though the secure channel will not believe him. */
export const SESSION_HEADER = 'cosmic-session'
/** Counts the posts of a session from 0. */
export const SEQUENCE_HEADER = 'cosmic-sequence'
/** Why a session ended, unless in order. */
export const REASON_HEADER = 'cosmic-reason'
export const FRAMES = 'application/octet-stream'
export const EVENTS = 'text/event-stream'

/** Bytes that one post or one event carries at most; one message always fits. */
export const MAX_BATCH_BYTES = 262_144
const PREFIX = 2

/** Takes from the front of a queue what fits into one batch, each message behind its length (two bytes, big-endian). */
export function takeBatch(queue: Uint8Array[]): { batch: Uint8Array<ArrayBuffer>; messages: Uint8Array[] } {
  let length = 0
  let count = 0
  for (const message of queue) {
    if (count > 0 && length + PREFIX + message.length > MAX_BATCH_BYTES) break
    length += PREFIX + message.length
    count++
  }
  const messages = queue.splice(0, count)
  const batch = new Uint8Array(length)
  const view = new DataView(batch.buffer)
  let offset = 0
  for (const message of messages) {
    view.setUint16(offset, message.length)
    batch.set(message, offset + PREFIX)
    offset += PREFIX + message.length
  }
  return { batch, messages }
}

/** The messages of a batch; `undefined` for one that is malformed. */
export function splitBatch(batch: Uint8Array): Uint8Array[] | undefined {
  if (batch.length > MAX_BATCH_BYTES) return undefined
  const view = new DataView(batch.buffer, batch.byteOffset, batch.length)
  const messages: Uint8Array[] = []
  for (let offset = 0; offset < batch.length;) {
    if (offset + PREFIX > batch.length) return undefined
    const start = offset + PREFIX
    const length = view.getUint16(offset)
    offset = start + length
    if (offset > batch.length || length > MAX_MESSAGE_BYTES) return undefined
    messages.push(batch.slice(start, offset))
  }
  return messages
}

const CHUNK = 0x8000

/** By the runtime’s own coder: an event stream carries text only. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  return btoa(binary)
}

export function fromBase64(text: string): Uint8Array | undefined {
  try {
    const binary = atob(text)
    const bytes = new Uint8Array(binary.length)
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
    return bytes
  } catch {
    return undefined
  }
}
