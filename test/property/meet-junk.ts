import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CosmicError } from '../../src/index'
import type { PublicCall } from './public-calls'

// Whatever plain JavaScript hands over: a public function works, or refuses it as a `CosmicError`. It neither throws anything else,
// nor hangs, nor leaves a rejection behind that nobody handles (which the runner itself would tell).

/** Of each property and function; `ARGUMENT_RUNS` for longer runs. */
const RUNS = Number(process.env['ARGUMENT_RUNS'] ?? 12)
const SEED = Number(process.env['ARGUMENT_SEED'] ?? 1)

/** What a call may answer and stays open all the same. */
const kept = new WeakSet<object>()

const junk = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, true, 0, -1, 1.5, NaN, Infinity, 2 ** 53, '', 'text', Symbol('s'), 1n),
  fc.constantFrom<unknown>([], [null], {}, Object.create(null), { length: 4e9 }, { then: 5 }, () => undefined),
  fc.constantFrom<unknown>(new Date(NaN), new Uint8Array(0), new Uint8Array(32), new Map(), /x/, Promise.resolve(1)),
  fc.anything({ maxDepth: 2 }),
)

/** What came of a call: its refusal, or nothing. Streams are read for a while, what was opened is closed. */
export async function outcome({ call, waits }: PublicCall, args: readonly unknown[]): Promise<CosmicError | undefined> {
  try {
    const answer = await settled(() => call(...(args as never[])), waits)
    if (answer !== null && typeof answer === 'object') await putAway(answer as Opened)
    return undefined
  } catch (error) {
    if (error instanceof CosmicError) return error
    throw error
  }
}

interface Opened {
  readonly close?: () => unknown
  readonly return?: () => unknown
  readonly next?: () => unknown
}

async function putAway(opened: Opened): Promise<void> {
  if (opened.return && Symbol.asyncIterator in opened) {
    // A subscription waits for blocks, an archive is there.
    await settled(() => opened.next?.(), 'cursor' in opened || !('throw' in opened))
    await opened.return()
  } else if (typeof opened.close === 'function' && !kept.has(opened)) await opened.close()
}

const LONGEST = 25_000

async function settled(call: () => unknown, waits: boolean): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => (waits ? resolve(undefined) : reject(new Error('it hangs'))), waits ? 20 : LONGEST)
  })
  const answer = (async () => call())()
  answer.catch(() => undefined)
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}

const check = (property: fc.IAsyncProperty<never>) => fc.assert(property, { numRuns: RUNS, seed: SEED })

const optionsOf = ({ args }: PublicCall, changed: object) => [
  ...args.slice(0, -1),
  { ...(args.at(-1) as object), ...changed },
]

/** The tests of these calls. */
export function meetJunk(calls: readonly PublicCall[], open: readonly object[] = []): void {
  for (const each of open) kept.add(each)
  test.each(calls)('$name takes its arguments', async each => {
    const refusal = await outcome(each, each.args)
    expect(refusal?.code ?? '').not.toMatch(/^(bad-type|unknown-field)$/)
  })

  test.each(calls)('$name meets junk', async each => {
    const free = each.args.map((_, i) => i).filter(i => !each.fixed.includes(i))
    if (free.length === 0) return
    const spoilt = fc
      .tuple(fc.constantFrom(...free), junk)
      .map(([at, value]) => each.args.map((arg, i) => (i === at ? value : arg)))
    await check(fc.asyncProperty(spoilt, async args => void (await outcome(each, args))) as never)
    for (const at of free) await outcome(each, each.args.slice(0, at))
  })

  test.each(calls.filter(({ options }) => options.length > 0))(
    '$name refuses an option that is misspelt, by name',
    async each => {
      for (const name of each.options) {
        const alike = `${name}s`.replace(/ss$/, '')
        const wrong = each.options.includes(alike) ? `${name}z` : alike
        const refusal = await outcome(each, optionsOf(each, { [wrong]: 1 }))
        expect(refusal, wrong).toMatchObject({ code: 'unknown-field', hint: expect.any(String) })
        expect(refusal!.field).toMatch(new RegExp(`(^|\\.)${wrong}$`))
      }
    },
  )

  test.each(calls.filter(({ options }) => options.length > 0))('$name meets junk in an option', async each => {
    const changed = fc.tuple(fc.constantFrom(...each.options), junk).map(([name, value]) => ({ [name]: value }))
    await check(
      fc.asyncProperty(changed, async options => void (await outcome(each, optionsOf(each, options)))) as never,
    )
  })
}
