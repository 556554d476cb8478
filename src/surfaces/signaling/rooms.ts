import { fail, ok, type Result } from '../../base/index'
import type { SignalingEvent } from '../../wire/index'

export interface Member {
  readonly id: string
  tell(event: SignalingEvent): void
}

/** Who is in which room, under limits that are checked before anything is kept. */
export class Rooms {
  readonly #rooms = new Map<string, Map<string, Member>>()
  readonly #limits: { readonly maxRooms: number; readonly maxPeersPerRoom: number }
  #members = 0

  constructor(limits: { readonly maxRooms: number; readonly maxPeersPerRoom: number }) {
    this.#limits = limits
  }

  get rooms(): number {
    return this.#rooms.size
  }

  get members(): number {
    return this.#members
  }

  /** Lets a member in, tells the others, and answers who was there. Refuses with `limit`. */
  enter(name: string, member: Member): Result<string[]> {
    const { maxRooms, maxPeersPerRoom } = this.#limits
    const room = this.#rooms.get(name)
    if (!room && this.#rooms.size >= maxRooms) return fail({ code: 'limit', field: 'rooms', limit: maxRooms })
    if (room && room.size >= maxPeersPerRoom) return fail({ code: 'limit', field: 'room', limit: maxPeersPerRoom })
    const peers = [...(room?.keys() ?? [])]
    for (const other of room?.values() ?? []) other.tell({ type: 'joined', peer: member.id })
    if (room) room.set(member.id, member)
    else this.#rooms.set(name, new Map([[member.id, member]]))
    this.#members++
    return ok(peers)
  }

  leave(name: string, member: Member): void {
    const room = this.#rooms.get(name)
    if (!room?.delete(member.id)) return
    this.#members--
    if (room.size === 0) this.#rooms.delete(name)
    for (const other of room.values()) other.tell({ type: 'left', peer: member.id })
  }

  /** Passes data to another member of the same room; false when there is none of that name. */
  relay(name: string, from: Member, to: string, data: unknown): boolean {
    const target = this.#rooms.get(name)?.get(to)
    target?.tell({ type: 'signal', from: from.id, data })
    return target !== undefined
  }
}
