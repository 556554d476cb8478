/** What a session knows of both sides' arrival logs (part of `SessionState`). */
export interface ResumeState {
  /** What this side has remembered of the peer's log, as the peer once told it. */
  cursor: Uint8Array | undefined
  /** Initiator: milliseconds until the first audit is due, whatever the logs say. */
  auditIn: number | undefined
  /**
   * Going on from this side's log: `awaited` until the peer presents its cursor, `reading` the log after it, `telling` what
   * came since, `told` once a place after that was told; `stale` leaves it to an audit. And from the peer's: `asked`, `told`.
   */
  ownLog: 'none' | 'awaited' | 'reading' | 'telling' | 'told' | 'stale'
  peerLog: 'none' | 'asked' | 'told' | 'stale'
  isResumed: boolean
  /** This side's log went on since its place was told; its place is being read; it may be told before the next heartbeat. */
  positionDue: boolean
  askedPosition: boolean
  mayTell: boolean
  /** The place that the peer told last and that is not remembered yet; whether it may be before the next heartbeat. */
  heard: Uint8Array | undefined
  mayRemember: boolean
  /** False when the last audit did not compare all of this side's set. */
  isCovered: boolean
  /** More was put off than can be remembered: no place in the peer's log is one before which everything is settled. */
  isUnsure: boolean
}

export function createResume(): ResumeState {
  return {
    cursor: undefined,
    auditIn: undefined,
    ownLog: 'none',
    peerLog: 'none',
    isResumed: false,
    positionDue: false,
    askedPosition: false,
    mayTell: true,
    heard: undefined,
    mayRemember: true,
    isCovered: true,
    isUnsure: false,
  }
}
