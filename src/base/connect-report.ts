/**
 * The step at which an attempt to connect over WebRTC failed: the signaling service (`signaling`), the other member's answer
 * (`answer`), its refusal (`refused`), gathering addresses of one's own (`candidates`), an allocation on a TURN server
 * (`relay`), finding a pair of addresses that works (`ice`), or the encrypted channel over that pair (`dtls`).
 */
export type ConnectStep = 'signaling' | 'answer' | 'refused' | 'candidates' | 'relay' | 'ice' | 'dtls'

/** Candidate addresses by kind (RFC 8445, section 5.1.1). Browsers may hide a host address behind a name: still `host`. */
export interface CandidateCounts {
  readonly host: number
  readonly srflx: number
  readonly prflx: number
  readonly relay: number
}

/** How far an attempt to connect over WebRTC came. */
export interface ConnectReport {
  readonly step: ConnectStep
  /** Gathered here, whether or not they were told to the other side. */
  readonly local: CandidateCounts
  /** Told by the other side and used. */
  readonly remote: CandidateCounts
  /** STUN and TURN servers that failed, as far as the runtime tells: codes of RFC 8489 and 8656; 701 is silence. */
  readonly servers: readonly { readonly url: string; readonly code: number; readonly text: string }[]
}
