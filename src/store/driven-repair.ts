import { nextTurn } from '#platform'
import { throwIfAborted } from '../base/index'
import type { StoreProgress, WaitOptions } from './block-store'

/** Works to its end, and tells how far it is. */
export type Drive = (tell: (progress: StoreProgress) => Promise<void>, signal: AbortSignal) => Promise<void>

/**
 * Work that goes on whether or not anybody reads its progress, so that whatever waits for its end gets its turn. It ends early when
 * `signal` fires, and when its reader stops reading. A slow reader gets every finding, and of what lies between them the newest; the work
 * leaves it a turn for each of these.
 */
export async function* driven(drive: Drive, { signal }: WaitOptions = {}): AsyncGenerator<StoreProgress> {
  throwIfAborted(signal)
  const left = new AbortController()
  const unread: StoreProgress[] = []
  let isOver = false
  let wake = () => {}
  const tell = async (progress: StoreProgress) => {
    const last = unread.at(-1)
    if (last && !last.finding && !progress.finding) unread.pop()
    unread.push(progress)
    wake()
    if (!progress.finding) await new Promise<void>(resolve => nextTurn(resolve))
  }
  const end = drive(tell, signal ? AbortSignal.any([signal, left.signal]) : left.signal).finally(() => {
    isOver = true
    wake()
  })
  end.catch(() => undefined)
  try {
    for (;;) {
      yield* unread.splice(0)
      if (unread.length > 0) continue
      if (isOver) break
      await new Promise<void>(resolve => (wake = resolve))
    }
    await end
  } finally {
    left.abort()
    await end.catch(() => undefined)
  }
}
