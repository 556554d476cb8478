import path from 'node:path'
import type { Config } from '../../setup/index'
import { DEFAULT_MAX_SKEW, POLICIES, type Policy } from '../../validate/index'
import { failed, ok, warning, within, type Check, type CheckOptions, type Found } from './finding'

/** More than this is noticed by people, and by certificates. */
const NOTICEABLE_MS = 30_000
/** `Date` counts whole seconds. */
const GRAIN_MS = 1_000
const SET_CLOCK = process.platform === 'win32' ? 'w32tm /resync' : 'sudo timedatectl set-ntp true'
/** This package did not exist before. */
const BEGINNING = Date.UTC(2026, 0, 1)

/** Whether the clock agrees with those of the services that the settings name: what is dated too far ahead nobody admits. */
export const checkClock: Check = async (config, options) => {
  const now = Date.now()
  if (now < BEGINNING) return [failed(`it is not ${new Date(now).toISOString()}`, SET_CLOCK)]
  const urls = servicesOf(config, options.timeUrl)
  const read = await Promise.all(urls.map(url => offsetOf(url, options)))
  const found = read.flatMap((offset, i) => (offset === undefined ? [] : [{ url: urls[i]!, offset }]))
  const [first] = found.sort((a, b) => Math.abs(a.offset) - Math.abs(b.offset))
  if (!first) return [ok(`${new Date(now).toISOString()}; no service to compare it with (--time <url> names one)`)]
  return [judgeClock(first.url, first.offset, skewOf(config))]
}

/** What a clock is worth that differs by so many milliseconds, positive when it is ahead. */
export function judgeClock(url: string, offset: number, maxSkew: number): Found {
  const away = Math.abs(offset)
  const message = `${(away / 1_000).toFixed(away < 10_000 ? 1 : 0)} s ${offset > 0 ? 'ahead of' : 'behind'} ${url}`
  if (away > maxSkew) return failed(`${message}: blocks of this agent would be refused, or those of others`, SET_CLOCK)
  return away > NOTICEABLE_MS ? warning(message, SET_CLOCK) : ok(message)
}

function skewOf({ policy }: Config): number {
  const { maxSkew }: Policy = typeof policy === 'string' ? POLICIES[policy] : (policy as Policy)
  return maxSkew ?? DEFAULT_MAX_SKEW
}

function servicesOf({ webrtc, embedder, peers }: Config, timeUrl: string | undefined): string[] {
  const named = [timeUrl, webrtc.signaling, embedder.url, ...peers]
  const urls = named.flatMap(each => {
    const url = each?.replace(/^ws(s?):/, 'http$1:')
    return url !== undefined && /^https?:/.test(url) && URL.canParse(url) ? [new URL(url).origin + path.posix.sep] : []
  })
  return [...new Set(urls)]
}

/** Our clock minus that of the service, by the middle of the question (RFC 9110, section 6.6.1). */
async function offsetOf(url: string, options: CheckOptions): Promise<number | undefined> {
  const start = Date.now()
  try {
    const response = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: within(options) })
    const middle = (start + Date.now()) / 2
    const date = Date.parse(response.headers.get('date') ?? '')
    if (Number.isNaN(date)) return undefined
    const offset = middle - date
    return offset >= 0 && offset < GRAIN_MS ? 0 : offset
  } catch {
    options.signal.throwIfAborted()
    return undefined
  }
}
