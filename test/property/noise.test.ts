import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CosmicError, unwrap, type Random } from '../../src/base/index'
import { FRAME_PAYLOAD, FrameAssembler, splitIntoFrames } from '../../src/wire/frames'
import { NoiseHandshake } from '../../src/wire/noise-xx'

/** Not random at all, but different for every call. */
function counting(seed: number): Random {
  let calls = 0
  return {
    bytes: length =>
      Uint8Array.from({ length }, (_, i) => (seed * 31 + calls * 17 + i * 7 + (i === 0 ? calls++ : 0)) & 255),
  }
}

function parties(): [NoiseHandshake, NoiseHandshake] {
  const prologue = Uint8Array.of(1)
  return [
    new NoiseHandshake({ initiator: true, prologue, random: counting(1) }),
    new NoiseHandshake({ initiator: false, prologue, random: counting(2) }),
  ]
}

const payload = fc.uint8Array({ maxLength: 200 })

/** Runs the handshake; `spoil` may change a message on its way. Answers the first refusal. */
function shake(
  payloads: readonly Uint8Array[],
  spoil: (message: Uint8Array, index: number) => Uint8Array = message => message,
) {
  const [initiator, responder] = parties()
  for (const index of [0, 1, 2]) {
    const [writer, reader] = index % 2 === 0 ? [initiator, responder] : [responder, initiator]
    const message = spoil(writer.write(payloads[index]!), index)
    const read = reader.read(message)
    if (!read.ok) return { code: read.error.code, index, initiator, responder }
    expect(Buffer.compare(read.value, payloads[index]!)).toBe(0)
  }
  return { code: undefined, index: 3, initiator, responder }
}

describe('Noise XX', () => {
  test('carries any payloads, and then any messages both ways', () => {
    fc.assert(
      fc.property(
        fc.tuple(payload, payload, payload),
        fc.array(fc.tuple(fc.boolean(), payload), { maxLength: 10 }),
        (payloads, messages) => {
          const { code, initiator, responder } = shake(payloads)
          expect(code).toBeUndefined()
          const [left, right] = [initiator.split(), responder.split()]
          for (const [fromLeft, message] of messages) {
            const [writer, reader] = fromLeft ? [left, right] : [right, left]
            expect(reader.receive.decrypt(writer.send.encrypt(message))).toEqual(message)
          }
        },
      ),
      { numRuns: 25 },
    )
  })

  test('no change to any handshake message goes unnoticed', () => {
    const spoil = fc.tuple(fc.nat(2), fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('flip', 'cut', 'pad'))
    fc.assert(
      fc.property(spoil, ([target, at, value, how]) => {
        const empty = new Uint8Array(0)
        // The first message's payload is in the clear: with none, every byte of it is a key.
        const result = attemptShake([empty, empty, empty], (message, index) => {
          if (index !== target) return message
          if (how === 'pad') return Uint8Array.from([...message, value])
          if (how === 'cut') return message.slice(0, at % message.length)
          return message.map((byte, i) => (i === at % message.length ? byte ^ value : byte))
        })
        expect(['handshake', 'truncated', 'noticed']).toContain(result)
      }),
      { numRuns: 60 },
    )
  })

  /** A changed payload of the first message reads differently; everything else is refused, at the latest by the third. */
  function attemptShake(payloads: readonly Uint8Array[], spoil: (message: Uint8Array, index: number) => Uint8Array) {
    try {
      return shake(payloads, spoil).code
    } catch (error) {
      if (error instanceof CosmicError) return error.code
      if (error instanceof Error && error.name === 'AssertionError') return 'noticed'
      throw error
    }
  }
})

describe('frames', () => {
  test('any message comes together again, and what is held stays within the limit', () => {
    const length = fc.oneof(
      fc.nat(300),
      fc.integer({ min: FRAME_PAYLOAD - 2, max: FRAME_PAYLOAD + 2 }),
      fc.nat(4 * FRAME_PAYLOAD),
    )
    fc.assert(
      fc.property(fc.array(length, { maxLength: 4 }), lengths => {
        const assembler = new FrameAssembler(2 * FRAME_PAYLOAD)
        for (const length of lengths) {
          const results = [...splitIntoFrames(new Uint8Array(length))].map(frame => assembler.push(frame))
          if (length > 2 * FRAME_PAYLOAD) {
            expect(results.some(result => !result.ok && result.error.code === 'too-large')).toBe(true)
            return
          }
          expect(unwrap(results.at(-1)!)?.length).toBe(length)
        }
      }),
      { numRuns: 40 },
    )
  })
})
