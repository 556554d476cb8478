/** Types of messages: their place in the protocol's list, which is the second byte of each. */
export const MESSAGE = {
  hello: 0,
  reconcile: 1,
  want: 3,
  blocks: 4,
  gone: 5,
  announce: 6,
  audit: 9,
  bye: 12,
  span: 14,
  floor: 15,
  position: 16,
  stale: 17,
  interests: 21,
  scope: 22,
} as const

/** Says that a rule of a machine was broken; the number is that of the invariant. */
export type Refuse = (invariant: number, what: string) => void
