import type { ErrorCode } from '../../base/index'
import { CONNECTION_ATTACKS } from './connection-attacks'
import { CONTENT_ATTACKS } from './content-attacks'
import type { Visit } from './hostile-session'
import { INTEREST_ATTACKS } from './interest-attacks'
import { LOG_ATTACKS } from './log-attacks'
import { MEMORY_ATTACKS } from './memory-attacks'
import { PROTOCOL_ATTACKS } from './protocol-attacks'

/** One way to be hostile. It is carried out again and again, each time over a new connection. */
export interface Attack {
  readonly story: string
  /** Codes with one of which an honest node must have ended a session; none where the attack is only to be borne. */
  readonly punished: readonly ErrorCode[]
  /** Visits at each target (default 5). */
  readonly visits?: number
  /** Takes seconds: only scenarios that name it have it. */
  readonly heavy?: boolean
  /** One visit at one target. Whatever it rejects with ends the visit. */
  run(visit: Visit): Promise<void>
}

/** Every attack by its name. */
export const ATTACKS = {
  ...CONTENT_ATTACKS,
  ...MEMORY_ATTACKS,
  ...PROTOCOL_ATTACKS,
  ...LOG_ATTACKS,
  ...INTEREST_ATTACKS,
  ...CONNECTION_ATTACKS,
} satisfies Record<string, Attack>

export type AttackName = keyof typeof ATTACKS

/** Those that any scenario may draw. */
export const USUAL_ATTACKS = (Object.entries(ATTACKS) as [AttackName, Attack][]).flatMap(([name, { heavy }]) =>
  heavy ? [] : [name],
)
