import { fail, ok, type ErrorCode, type Result } from '../base/index'

/** The version of the signaling protocol (docs/spec/signaling.md). */
export const SIGNALING_VERSION = 1
/** Longest room name, in UTF-16 code units. */
export const MAX_ROOM_NAME = 128
/** Longest member name. */
export const MAX_MEMBER_NAME = 64
/** Largest signaling message that a client takes from a service, in bytes. */
export const MAX_SIGNALING_BYTES = 65_536

/** Deepest nesting of objects and arrays in a signaling message. */
export const MAX_SIGNALING_DEPTH = 16

/** What a client says to a signaling service. */
export type SignalingRequest =
  | { readonly type: 'join'; readonly version: number; readonly room: string }
  | { readonly type: 'signal'; readonly to: string; readonly data: unknown }

/** What a signaling service says to a client. */
export type SignalingEvent =
  | { readonly type: 'peers'; readonly self: string; readonly peers: readonly string[]; readonly heartbeat: number }
  | { readonly type: 'joined' | 'left'; readonly peer: string }
  | { readonly type: 'signal'; readonly from: string; readonly data: unknown }
  | { readonly type: 'alive' }
  | { readonly type: 'error'; readonly code: ErrorCode; readonly message: string }

/** Judges a client's message. Codes: `bad-json`, `too-deep`, `bad-value`, `bad-type`, `version`. */
export function parseSignalingRequest(text: string): Result<SignalingRequest> {
  return parse<SignalingRequest>(text, message => {
    switch (message['type']) {
      case 'join':
        if (message['version'] !== SIGNALING_VERSION) return fail({ code: 'version', limit: SIGNALING_VERSION })
        if (!isName(message['room'], MAX_ROOM_NAME)) return badValue('room', MAX_ROOM_NAME)
        return ok({ type: 'join', version: SIGNALING_VERSION, room: message['room'] })
      case 'signal':
        if (!isName(message['to'], MAX_MEMBER_NAME)) return badValue('to', MAX_MEMBER_NAME)
        return ok({ type: 'signal', to: message['to'], data: message['data'] })
      default:
        return fail({ code: 'bad-type', field: 'type' })
    }
  })
}

/** Judges a service's message. Codes: `bad-json`, `too-deep`, `bad-value`, `bad-type`. */
export function parseSignalingEvent(text: string): Result<SignalingEvent> {
  return parse<SignalingEvent>(text, message => {
    const { type, self, peers, heartbeat, peer, from, data } = message
    switch (type) {
      case 'peers':
        if (!isName(self, MAX_MEMBER_NAME)) return badValue('self', MAX_MEMBER_NAME)
        if (!isNameList(peers)) return badValue('peers', MAX_MEMBER_NAME)
        if (!Number.isSafeInteger(heartbeat) || (heartbeat as number) < 1) return badValue('heartbeat')
        return ok({ type, self, peers, heartbeat: heartbeat as number })
      case 'joined':
      case 'left':
        return isName(peer, MAX_MEMBER_NAME) ? ok({ type, peer }) : badValue('peer', MAX_MEMBER_NAME)
      case 'signal':
        return isName(from, MAX_MEMBER_NAME) ? ok({ type, from, data }) : badValue('from', MAX_MEMBER_NAME)
      case 'alive':
        return ok({ type })
      case 'error':
        return ok({ type, ...errorIn(message) })
      default:
        return fail({ code: 'bad-type', field: 'type' })
    }
  })
}

function parse<T>(text: string, judge: (message: Record<string, unknown>) => Result<T>): Result<T> {
  if (!isShallow(text)) return fail({ code: 'too-deep', limit: MAX_SIGNALING_DEPTH })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return fail({ code: 'bad-json' })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail({ code: 'bad-json' })
  return judge(value as Record<string, unknown>)
}

/** Whoever writes a deep value out again overflows the stack, so depth is judged before anything is built. */
function isShallow(text: string): boolean {
  let depth = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (character === '"') quoted = !quoted
    else if (quoted) i += character === '\\' ? 1 : 0
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    if (depth > MAX_SIGNALING_DEPTH) return false
  }
  return true
}

/** What a service may refuse with; any other word of its is read as `signaling`. */
const SERVICE_CODES: readonly ErrorCode[] = [
  'bad-json',
  'bad-value',
  'bad-type',
  'version',
  'limit',
  'protocol',
  'too-deep',
]

function errorIn({ code, message }: Record<string, unknown>): { code: ErrorCode; message: string } {
  const known = SERVICE_CODES.find(candidate => candidate === code) ?? 'signaling'
  return { code: known, message: typeof message === 'string' ? message.slice(0, 200) : known }
}

function badValue(field: string, limit?: number): Result<never> {
  return fail({ code: 'bad-value', field, ...(limit !== undefined && { limit }) })
}

/** Printable and free of white space, so that a name is safe in an address and on a terminal. */
function isName(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.length <= limit && /^[\p{L}\p{N}\p{P}\p{S}]+$/u.test(value)
}

function isNameList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(entry => isName(entry, MAX_MEMBER_NAME))
}
