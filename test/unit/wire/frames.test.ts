import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { FRAME_PAYLOAD, FrameAssembler, splitIntoFrames } from '../../../src/wire/frames'

const frame = (header: number, length: number) =>
  Uint8Array.from({ length: length + 1 }, (_, i) => (i === 0 ? header : 7))

describe('frames', () => {
  test.each([0, 1, FRAME_PAYLOAD - 1, FRAME_PAYLOAD, FRAME_PAYLOAD + 1, 3 * FRAME_PAYLOAD])(
    'a message of %i bytes comes together again',
    length => {
      const message = Uint8Array.from({ length }, (_, i) => i)
      const frames = [...splitIntoFrames(message)]
      expect(frames.length).toBe(Math.max(1, Math.ceil(length / FRAME_PAYLOAD)))
      expect(frames.every(part => part.length <= 65_519)).toBe(true)
      const assembler = new FrameAssembler(3 * FRAME_PAYLOAD)
      const results = frames.map(part => unwrap(assembler.push(part)))
      expect(results.slice(0, -1).every(result => result === undefined)).toBe(true)
      expect(Buffer.compare(results.at(-1)!, message)).toBe(0)
    },
  )

  test('the limit holds before a message is put together', () => {
    const assembler = new FrameAssembler(2 * FRAME_PAYLOAD)
    unwrap(assembler.push(frame(1, FRAME_PAYLOAD)))
    unwrap(assembler.push(frame(1, FRAME_PAYLOAD)))
    expect(assembler.push(frame(0, 1))).toMatchObject({
      ok: false,
      error: { code: 'too-large', limit: 2 * FRAME_PAYLOAD },
    })
  })

  test('empty and short continuations, unknown headers and empty frames are refused', () => {
    for (const bad of [frame(1, 0), frame(1, 10), frame(2, 5), frame(255, FRAME_PAYLOAD), new Uint8Array(0)])
      expect(new FrameAssembler(1e6).push(bad)).toMatchObject({ ok: false, error: { code: 'protocol' } })
  })
})
