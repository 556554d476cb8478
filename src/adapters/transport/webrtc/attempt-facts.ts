import type { IceServerError, PeerInstance, PeerSignal } from '#simple-peer'
import {
  CosmicError,
  type CandidateCounts,
  type ConnectReport,
  type ConnectStep,
  type Failure,
} from '../../../base/index'
import { candidateLines } from './link-message'

const MAX_SERVER_ERRORS = 8
/** @roamhq/wrtc tells now and then that all addresses are found before it tells any of them. */
const LATE_MS = 200
const CONNECTED = ['connected', 'completed']

/** What an attempt was begun with, as far as it explains its failure. */
export interface AttemptTerms {
  readonly config: { readonly iceServers: readonly unknown[]; readonly iceTransportPolicy?: 'all' | 'relay' }
  readonly remote: string
}

/** Follows one attempt to connect, and explains why it failed. It reads and counts; nothing of the attempt depends on it. */
export class AttemptFacts {
  readonly #terms: AttemptTerms
  readonly #local = new Set<string>()
  readonly #remote = new Set<string>()
  readonly #servers: { url: string; code: number; text: string }[] = []
  #answered = false
  #pathFound = false

  constructor(terms: AttemptTerms, peer: PeerInstance, nothingGathered: () => void) {
    this.#terms = terms
    peer.on('iceStateChange', connection => (this.#pathFound ||= CONNECTED.includes(connection)))
    peer.on('_iceComplete', () => {
      const judge = () => {
        const isDone = peer._pc?.iceGatheringState === 'complete'
        if (isDone && this.#local.size === 0 && !this.#pathFound) nothingGathered()
      }
      const timer = setTimeout(judge, LATE_MS)
      peer.on('close', () => clearTimeout(timer))
    })
    peer._pc?.addEventListener?.('icecandidateerror', error => this.#serverFailed(error))
  }

  /** A description or candidate of our own, told or not. */
  said(signal: PeerSignal): void {
    for (const line of candidateLines(signal)) this.#local.add(line)
  }

  /** One of the other side's that is used. */
  heard(signal: PeerSignal): void {
    if (signal.type !== 'candidate') this.#answered = true
    for (const line of candidateLines(signal)) this.#remote.add(line)
  }

  /** The failure with the step and the facts, in words too. */
  explain(failure: Failure, step: ConnectStep = this.#step()): Failure {
    const report = { step, local: countsOf(this.#local), remote: countsOf(this.#remote), servers: [...this.#servers] }
    const reason = failure.message ? `${REASONS[step]}; ${failure.message}` : REASONS[step]
    const message = `no connection to ${this.#terms.remote}: ${reason} (${inWords(report)})`
    const hint = this.#hint(report)
    return { ...failure, message, ...(hint && { hint }), report }
  }

  #step(): ConnectStep {
    if (this.#pathFound) return 'dtls'
    const { relay } = countsOf(this.#local)
    if (this.#terms.config.iceTransportPolicy === 'relay' && relay === 0) return 'relay'
    if (this.#local.size === 0) return 'candidates'
    return this.#answered ? 'ice' : 'answer'
  }

  #hint({ step, local, remote }: ConnectReport): string | undefined {
    if (step === 'relay') return 'check the address and credentials of the TURN server in iceServers'
    if (step !== 'ice' || local.relay + remote.relay > 0) return undefined
    const asked = this.#terms.config.iceServers.length > 0
    return asked ? 'no TURN server granted a relay: check iceServers' : 'name a TURN server in iceServers'
  }

  #serverFailed({ url = '', errorCode = 0, errorText = '' }: IceServerError): void {
    if (this.#servers.length >= MAX_SERVER_ERRORS) return
    this.#servers.push({ url: url.slice(0, 200), code: errorCode, text: errorText.slice(0, 200) })
  }
}

const REASONS: Record<ConnectStep, string> = {
  signaling: 'the signaling service cannot be used',
  answer: 'the other side did not answer',
  refused: 'the other side takes no connections',
  candidates: 'no address of our own was found',
  relay: 'no TURN server granted a relay',
  ice: 'no pair of addresses works',
  dtls: 'the encrypted channel did not open',
}

/** By the `typ` of the line (RFC 8839, section 5.1). */
function countsOf(lines: ReadonlySet<string>): CandidateCounts {
  const counts = { host: 0, srflx: 0, prflx: 0, relay: 0 }
  for (const line of lines) {
    const kind = / typ (host|srflx|prflx|relay)\b/.exec(line)?.[1] as keyof CandidateCounts | undefined
    if (kind) counts[kind]++
  }
  return counts
}

function inWords({ local, remote, servers }: ConnectReport): string {
  const list = (counts: CandidateCounts) =>
    Object.entries(counts)
      .flatMap(([kind, count]) => (count > 0 ? `${count} ${kind}` : []))
      .join(', ') || 'none'
  const failed = servers.map(({ url, code, text }) => `; ${url} failed with ${code} ${text}`.trimEnd())
  return `our addresses: ${list(local)}; theirs: ${list(remote)}${failed.join('')}`
}

const NOTHING: CandidateCounts = { host: 0, srflx: 0, prflx: 0, relay: 0 }

/** The room could not be entered: a failure before any attempt. A `Signaling` of the user's may reject with any error. */
export function signalingError(cause: unknown): CosmicError {
  const failure: Failure = cause instanceof CosmicError ? cause : { code: 'signaling', message: String(cause) }
  if (failure.code === 'aborted') return new CosmicError(failure, { cause })
  const { message } = failure
  const report: ConnectReport = { step: 'signaling', local: NOTHING, remote: NOTHING, servers: [] }
  return new CosmicError({ ...failure, ...(message && { message }), report }, { cause })
}
