import type { ErrorCode, Failure } from '../base/index'
import { encodeMessageOf, type Message } from './session-messages'
import type { SessionState } from './session-state'
import type { SessionEffect, SessionOptions, SessionProgress } from './session-types'

/** What one step works on: the state it changes and the effects it gathers. */
export interface StepContext {
  readonly options: SessionOptions
  readonly state: SessionState
  readonly effects: SessionEffect[]
}

/** Codes that a bye may carry; `closed` is the orderly one. */
const BYE_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'closed',
  'protocol',
  'version',
  'too-large',
  'bad-signature',
  'sky-mismatch',
  'timeout',
  'peer-gone',
  'limit',
  'storage',
])

export function send({ state, effects }: StepContext, message: Message): void {
  const bytes = encodeMessageOf(message)
  state.bytesOut += bytes.length
  effects.push({ type: 'send', bytes })
}

export function report({ effects }: StepContext, progress: SessionProgress): void {
  effects.push({ type: 'progress', progress })
}

/** Ends the session from this side: tells the peer why, as far as that is its business, and closes. */
export function end(context: StepContext, failure?: Failure): void {
  const code = failure?.code ?? 'closed'
  send(context, { type: 'bye', code: BYE_CODES.has(code) ? code : 'protocol' })
  closeChannel(context, failure)
}

/** The peer broke the protocol. `field` names the message, and its part. */
export function endForFault(context: StepContext, field: string, facts: Partial<Failure> = {}): void {
  context.state.faults++
  end(context, { code: 'protocol', field, ...facts })
}

/** The session is over without another word. */
export function closeChannel({ state, effects }: StepContext, failure?: Failure): void {
  state.life = 'closed'
  if (failure) state.lastError = failure
  effects.push({ type: 'close', ...(failure && { failure }) })
}

/** What the peer's bye means on this side. */
export function receiveBye(context: StepContext, code: string): void {
  if (code === 'closed') return closeChannel(context)
  const known = BYE_CODES.has(code) ? (code as ErrorCode) : 'protocol'
  closeChannel(context, { code: known, field: 'bye', hint: 'said by the peer' })
}
