import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  filterCandidates,
  MAX_CANDIDATE_LENGTH,
  MAX_SDP_LENGTH,
  parseLinkMessage,
} from '../../src/adapters/transport/webrtc/link-message'
import { MAX_SIGNALING_DEPTH, parseSignalingEvent, parseSignalingRequest } from '../../src/wire/index'

const word = fc.constantFrom(
  'peers',
  'joined',
  'left',
  'signal',
  'alive',
  'error',
  'join',
  'offer',
  'answer',
  'candidate',
)
const field = fc.constantFrom(
  'type',
  'self',
  'peers',
  'peer',
  'from',
  'to',
  'data',
  'room',
  'version',
  'heartbeat',
  'code',
  'link',
  'signal',
  'sdp',
  'candidate',
  'sdpMid',
  'sdpMLineIndex',
  'refused',
  '__proto__',
)
const value = fc.oneof(word, fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string(), { maxLength: 3 }))
/** Objects that look almost like messages. */
const nearly = fc.dictionary(field, fc.oneof(value, fc.dictionary(field, value)))

describe('signaling messages', () => {
  test('any text is judged without a throw, and what is accepted reads the same again', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.json(),
      nearly.map(message => JSON.stringify(message)),
    )
    fc.assert(
      fc.property(texts, text => {
        for (const parse of [parseSignalingRequest, parseSignalingEvent]) {
          const first = parse(text)
          if (first.ok) expect(parse(JSON.stringify(first.value))).toEqual(first)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('nesting is judged by depth alone, brackets within strings are text', () => {
    const nested = (depth: number) => `{"type":"signal","to":"x","data":${'['.repeat(depth)}${']'.repeat(depth)}}`
    expect(parseSignalingRequest(nested(MAX_SIGNALING_DEPTH - 1)).ok).toBe(true)
    expect(parseSignalingRequest(nested(MAX_SIGNALING_DEPTH))).toMatchObject({ error: { code: 'too-deep' } })
    const text = JSON.stringify({ type: 'signal', to: 'x', data: '[{"\\'.repeat(50) })
    expect(parseSignalingRequest(text).ok).toBe(true)
  })
})

describe('link messages', () => {
  const candidate = fc.record({
    candidate: fc.string(),
    sdpMLineIndex: fc.nat(7),
    sdpMid: fc.string({ maxLength: 32 }),
  })
  const signal = fc.oneof(
    fc.record({ type: fc.constantFrom('offer', 'answer'), sdp: fc.string() }),
    fc.record({ type: fc.constant('candidate'), candidate }),
  )
  const link = fc.stringMatching(/^[a-z0-9]{1,32}$/)

  test('well-formed ones are taken as they are, without what else they carry', () => {
    fc.assert(
      fc.property(link, signal, (name, words) => {
        const parsed = parseLinkMessage({ link: name, signal: { ...words, renegotiate: true }, extra: 1 })
        expect(parsed).toEqual({ link: name, signal: words })
      }),
      { numRuns: 200 },
    )
  })

  test('anything else is refused without a throw', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), nearly), data => {
        const parsed = parseLinkMessage(data)
        if (parsed) expect(parsed.link).toMatch(/^[a-z0-9]{1,32}$/)
      }),
      { numRuns: 500 },
    )
  })

  test('limits', () => {
    const offer = (length: number) => ({ link: 'a', signal: { type: 'offer', sdp: 'x'.repeat(length) } })
    const line = (length: number, index: unknown = 0, mid: unknown = '0') => ({
      link: 'a',
      signal: { type: 'candidate', candidate: { candidate: 'x'.repeat(length), sdpMLineIndex: index, sdpMid: mid } },
    })
    for (const good of [offer(MAX_SDP_LENGTH), line(MAX_CANDIDATE_LENGTH), line(1, null, null)]) {
      expect(parseLinkMessage(good)).toEqual(good)
    }
    const bad = [
      offer(MAX_SDP_LENGTH + 1),
      line(MAX_CANDIDATE_LENGTH + 1),
      line(1, 8),
      line(1, -1),
      line(1, 0.5),
      line(1, '0'),
      line(1, 0, 'x'.repeat(33)),
      { link: 'x'.repeat(33), refused: true },
      { link: 'a', signal: { renegotiate: true } },
      { link: 'a', signal: { type: 'transceiverRequest', transceiverRequest: { kind: 'video' } } },
    ]
    for (const message of bad) expect(parseLinkMessage(message)).toBe(undefined)
  })

  test('refused candidates leave a description, and nothing of a candidate', () => {
    const lines = ['v=0', 'a=candidate:1 1 udp 1 10.0.0.1 9 typ host', 'a=candidate:2 1 udp 1 127.0.0.1 9 typ host', '']
    const loopback = (text: string) => text.includes(' 127.0.0.1 ')
    const filtered = filterCandidates({ type: 'offer', sdp: lines.join('\r\n') }, loopback)
    expect(filtered).toEqual({ type: 'offer', sdp: lines.filter((_, i) => i !== 1).join('\r\n') })
    const lone = {
      type: 'candidate',
      candidate: { candidate: 'candidate:1 10.0.0.1 ', sdpMLineIndex: 0, sdpMid: '0' },
    } as const
    expect(filterCandidates(lone, loopback)).toBe(undefined)
    expect(filterCandidates(lone, () => true)).toEqual(lone)
  })
})
