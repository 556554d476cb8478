/** A seeded stream of integers below a bound (mulberry32): the same seed, the same stream. */
export type Draw = (bound: number) => number

export function seeded(seed: number): Draw {
  let state = seed >>> 0
  return bound => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }
}

/** Heads that decoders are known to stumble over: huge lengths, indefinite items, tags, floats, reserved values. */
const HEADS = [
  [0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x3b, 0x00, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x5b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00],
  [0x5a, 0xff, 0xff, 0xff, 0xff],
  [0x7a, 0x7f, 0xff, 0xff, 0xff],
  [0x9a, 0x00, 0xff, 0xff, 0xff],
  [0xbb, 0x00, 0x20, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00],
  [0x5f],
  [0x7f],
  [0x9f],
  [0xbf],
  [0xff],
  [0xc2, 0x58, 0xff],
  [0xd8, 0x1c],
  [0xd8, 0x2a, 0x58, 0x25, 0x00],
  [0xf9, 0x7e, 0x00],
  [0xfb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0],
  [0xf7],
  [0x18, 0x17],
  [0x69, ...Buffer.from('__proto__')],
  [0x63, 0xef, 0xbb, 0xbf],
  [0xa0],
  [0x80],
]

/** A copy with one edit more; `other` lends bytes to splice in. */
export function mutate(bytes: Uint8Array, other: Uint8Array, draw: Draw): Uint8Array {
  const at = draw(bytes.length + 1)
  const end = Math.min(bytes.length, at + draw(8))
  switch (draw(8)) {
    case 0:
      return replace(bytes, at, at + 1, [draw(256)])
    case 1:
      return replace(bytes, at, at + 1, [(bytes[at] ?? 0) ^ (1 << draw(8))])
    case 2:
      return replace(bytes, at, end, [])
    case 3:
      return replace(bytes, at, at, bytes.subarray(at, end))
    case 4:
      return replace(bytes, at, draw(2) === 0 ? at : end, HEADS[draw(HEADS.length)]!)
    case 5:
      return bytes.slice(0, at)
    case 6: {
      const from = draw(other.length)
      return replace(bytes, at, end, other.subarray(from, from + draw(64)))
    }
    default: {
      const run = new Uint8Array(1 + draw(12)).fill([0x81, 0xa1, 0xd8, 0x00, 0xff, 0x61][draw(6)]!)
      return replace(bytes, at, end, run)
    }
  }
}

function replace(bytes: Uint8Array, start: number, end: number, by: ArrayLike<number>): Uint8Array {
  const cut = Math.max(start, Math.min(end, bytes.length))
  const out = new Uint8Array(start + by.length + bytes.length - cut)
  out.set(bytes.subarray(0, start))
  out.set(by, start)
  out.set(bytes.subarray(cut), start + by.length)
  return out
}
