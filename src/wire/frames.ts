import { concat, fail, ok, type Result } from '../base/index'
import { MAX_PLAINTEXT } from './noise-symmetric'

/** First byte of a frame: whether the message goes on in the next one. */
const LAST = 0
const MORE = 1

/** Payload bytes of a full frame. */
export const FRAME_PAYLOAD = MAX_PLAINTEXT - 1

/** The frames of a message: all but the last are full. An empty message is one frame without payload. */
export function* splitIntoFrames(message: Uint8Array): Generator<Uint8Array> {
  let offset = 0
  for (; message.length - offset > FRAME_PAYLOAD; offset += FRAME_PAYLOAD) {
    yield concat(Uint8Array.of(MORE), message.subarray(offset, offset + FRAME_PAYLOAD))
  }
  yield concat(Uint8Array.of(LAST), message.subarray(offset))
}

/** Puts messages together again. What it holds never exceeds `maxMessage` bytes. */
export class FrameAssembler {
  #parts: Uint8Array[] = []
  #length = 0

  constructor(readonly maxMessage: number) {}

  /** The message that this frame completes, if any. `protocol` for a malformed frame, `too-large` over the limit. */
  push(frame: Uint8Array): Result<Uint8Array | undefined> {
    const header = frame[0]
    if (header !== LAST && header !== MORE) return fail({ code: 'protocol', field: 'frame.header' })
    if (header === MORE && frame.length !== FRAME_PAYLOAD + 1) return fail({ code: 'protocol', field: 'frame.length' })
    this.#length += frame.length - 1
    if (this.#length > this.maxMessage) return fail({ code: 'too-large', field: 'message', limit: this.maxMessage })
    this.#parts.push(frame.subarray(1))
    if (header === MORE) return ok(undefined)
    const message = concat(...this.#parts)
    this.#parts = []
    this.#length = 0
    return ok(message)
  }
}
