import type { Clock, Random, Timers } from '../base/index'

/** What `crypto.getRandomValues` gives at most in one call (Web Cryptography API section 10.1.1). */
const RANDOM_QUOTA = 65_536
/** Longer delays fire at once in every runtime. */
const LONGEST_DELAY = 2 ** 31 - 1

export const clock: Clock = { now: () => Date.now() }

export const random: Random = {
  bytes(length) {
    const out = new Uint8Array(length)
    for (let offset = 0; offset < length; offset += RANDOM_QUOTA) {
      crypto.getRandomValues(out.subarray(offset, offset + RANDOM_QUOTA))
    }
    return out
  },
}

export const timers: Timers = {
  set(callback, milliseconds, options) {
    const timer: unknown = setTimeout(callback, Math.min(milliseconds, LONGEST_DELAY))
    if (options?.unref === true) unref(timer)
    return () => clearTimeout(timer as ReturnType<typeof setTimeout>)
  },
}

let channel: MessageChannel | undefined
const waiting: (() => void)[] = []

/** Through `setImmediate` where there is one, else through a port of messages: timers wait for milliseconds. */
export function nextTurn(callback: () => void): void {
  if (typeof setImmediate === 'function') return void setImmediate(callback)
  waiting.push(callback)
  if (channel === undefined) {
    channel = new MessageChannel()
    channel.port1.onmessage = () => waiting.shift()?.()
  }
  channel.port2.postMessage(0)
}

/** Milliseconds after which the event loop gets a turn, though nothing had to be waited for. */
const TIME_SLICE = 25

/**
 * What long work awaits between its steps, so that the event loop has a turn in each slice of time: signals, timers and sockets
 * wait for it. If the loop has turned by itself, as it does while native checks come back, nothing waits.
 */
export function timeSlices(): () => Promise<void> | undefined {
  let due = 0
  let turn: Promise<void> | undefined
  return () => {
    if (turn) return clock.now() < due ? undefined : turn
    due = clock.now() + TIME_SLICE
    turn = new Promise(resolve => nextTurn(() => resolve((turn = undefined))))
    return undefined
  }
}

/** Browsers' timers are numbers and keep nothing alive. */
function unref(timer: unknown): void {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) (timer as { unref(): void }).unref()
}
