import { LOW_WATER_BYTES } from './message-connection'

/** How often a full pipe is asked: neither WebSockets nor every implementation of data channels tell by themselves. */
const POLL_MS = 4

/** Calls back once `buffered` has fallen to the low-water mark; gives up when it answers `undefined`, the end of the pipe. */
export function whenDrained(buffered: () => number | undefined, notify: () => void): void {
  const timer = setInterval(() => {
    const bytes = buffered()
    if (bytes !== undefined && bytes > LOW_WATER_BYTES) return
    clearInterval(timer)
    if (bytes !== undefined) notify()
  }, POLL_MS)
}
