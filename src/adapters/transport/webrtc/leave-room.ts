import type { CosmicError } from '../../../base/index'
import type { SignalingRoom } from '../../../wire/index'
import { opening } from '../opening'
import { signalingError } from './attempt-facts'

/** How long a signaling service may take to let a member go. */
const LEAVE_MS = 2_000

/** Leaves a room. Never rejects: answers why the service did not let this member go in order. */
export async function leaveRoom(room: SignalingRoom): Promise<CosmicError | undefined> {
  const left = async () => room.leave()
  try {
    await opening(left(), { milliseconds: LEAVE_MS, abandon() {} })
    return undefined
  } catch (error) {
    return signalingError(error)
  }
}
