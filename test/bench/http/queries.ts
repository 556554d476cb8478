/** The vector that a turn asks for. */
export function vectorOf(turn: number): Float32Array {
  return Float32Array.from({ length: 384 }, (_, i) => Math.sin(turn * 7_907 + i))
}
