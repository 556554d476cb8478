import type { IceCandidate, PeerSignal } from '#simple-peer'

/** Largest session description taken from a member, in UTF-16 code units; data channels need about 900. */
export const MAX_SDP_LENGTH = 12_000
/** Longest candidate line. */
export const MAX_CANDIDATE_LENGTH = 512

/** What two members tell each other through the signaling service about one attempt to connect, named by the dialling side. */
export type LinkMessage =
  { readonly link: string; readonly signal: PeerSignal } | { readonly link: string; readonly refused: true }

/** Another member's words as a `LinkMessage` rebuilt from known fields only; `undefined` for anything else. */
export function parseLinkMessage(data: unknown): LinkMessage | undefined {
  if (!isRecord(data)) return undefined
  const { link, signal, refused } = data
  if (typeof link !== 'string' || !/^[a-z0-9]{1,32}$/.test(link)) return undefined
  if (refused === true) return { link, refused }
  const judged = parseSignal(signal)
  return judged && { link, signal: judged }
}

/** An offer, an answer or a candidate; renegotiation and media are nothing that agents do. */
export function parseSignal(signal: unknown): PeerSignal | undefined {
  if (!isRecord(signal)) return undefined
  const { type, sdp } = signal
  if (type === 'offer' || type === 'answer') return isText(sdp, MAX_SDP_LENGTH) ? { type, sdp } : undefined
  if (type !== 'candidate') return undefined
  const candidate = parseCandidate(signal['candidate'])
  return candidate && { type, candidate }
}

function parseCandidate(value: unknown): IceCandidate | undefined {
  if (!isRecord(value)) return undefined
  const { candidate, sdpMLineIndex = null, sdpMid = null } = value
  if (!isText(candidate, MAX_CANDIDATE_LENGTH)) return undefined
  if (sdpMid !== null && !isText(sdpMid, 32)) return undefined
  if (sdpMLineIndex !== null && !(Number.isInteger(sdpMLineIndex) && inRange(sdpMLineIndex as number))) return undefined
  return { candidate, sdpMLineIndex: sdpMLineIndex as number | null, sdpMid }
}

/** The signal without the candidates that `accepts` refuses; `undefined` when nothing is left. */
export function filterCandidates(signal: PeerSignal, accepts: (candidate: string) => boolean): PeerSignal | undefined {
  if (signal.type === 'candidate') return accepts(signal.candidate.candidate) ? signal : undefined
  const lines = signal.sdp.split('\r\n').filter(line => !line.startsWith('a=candidate:') || accepts(line.slice(2)))
  return { type: signal.type, sdp: lines.join('\r\n') }
}

/** The candidate lines that a signal carries. */
export function candidateLines(signal: PeerSignal): string[] {
  if (signal.type === 'candidate') return signal.candidate.candidate === '' ? [] : [signal.candidate.candidate]
  return signal.sdp.split('\r\n').flatMap(line => (line.startsWith('a=candidate:') ? line.slice(2) : []))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isText(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.length <= limit
}

/** A session of one data channel has one media line. */
function inRange(line: number): boolean {
  return line >= 0 && line < 8
}
