import type { LinkConditions } from './link-conditions'
import type { Tampering } from './tampering'

/** The way from one host to another. */
export interface Way {
  /** What was said of this way alone, and what comes of it and what is usual. */
  own: Partial<LinkConditions>
  conditions: LinkConditions
  closed: boolean
  /** Nothing arrives before. */
  cloggedUntil: number
  /** When the last byte handed over has left the sender. */
  freeAt: number
  /** Messages and bytes that were sent this way, and connections. */
  readonly traffic: { messages: number; bytes: number; connections: number }
  tampering?: { readonly kind: Tampering; left: number; held?: Uint8Array }
}

export function newWay(usual: LinkConditions): Way {
  const traffic = { messages: 0, bytes: 0, connections: 0 }
  return { own: {}, conditions: usual, closed: false, cloggedUntil: 0, freeAt: 0, traffic }
}

/** What is usual changed, or more is said of this way alone, which holds whatever is usual. */
export function describeWay(way: Way, usual: LinkConditions, own: Partial<LinkConditions> = {}): void {
  way.own = { ...way.own, ...own }
  way.conditions = { ...usual, ...way.own }
}
