import { describe, expect, test } from 'vitest'
import type { EmbeddingBlock } from '../../../src/block/index'
import { CosmicValidator, verifyBlocks, type BulkVerification, type VerifyProgress } from '../../../src/validate/index'
import type { Sky } from '../../../src/sky/index'
import { withBadSignature } from '../../tools/forge-signature'
import { alice, block, bob, clock, placeless, vienna } from './blocks'

const COUNT = 40
const made: EmbeddingBlock[] = []
for (let i = 0; i < COUNT; i++) made.push(await placeless({ embedding: [i, 1] }, i % 2 ? alice : bob))
const envelopes = made.map(({ bytes }) => bytes)

async function collect(run: AsyncIterable<BulkVerification>): Promise<BulkVerification[]> {
  const all: BulkVerification[] = []
  for await (const one of run) all.push(one)
  return all
}

/** What came before the fault, and the fault. */
async function collectUntilFault(run: AsyncIterable<BulkVerification>) {
  const seen: number[] = []
  const fault = (async () => {
    for await (const { index } of run) seen.push(index)
  })().catch((error: unknown) => error)
  return { seen, fault: await fault }
}

const outcome = ({ result }: BulkVerification) => (result.ok ? result.value.id : result.error.code)

describe('verifyBlocks', () => {
  test.each<[string, () => Parameters<typeof verifyBlocks>[0]]>([
    ['an array', () => envelopes],
    ['a generator', () => envelopes.values()],
    [
      'an async generator',
      async function* () {
        for (const bytes of envelopes) {
          await new Promise(resolve => setTimeout(resolve, bytes[20]! % 2))
          yield bytes
        }
      },
    ],
    ['a stream', () => streamOf(envelopes)],
  ])('hands results out in the order of %s', async (_, source) => {
    const all = await collect(verifyBlocks(source()))
    expect(all.map(({ index }) => index)).toEqual(made.map((_, i) => i))
    expect(all.map(outcome)).toEqual(made.map(({ id }) => id))
  })

  test('judges a hostile mix as CosmicValidator judges each', async () => {
    const good = await block()
    const forged = await block({ place: vienna, sky: true }, { ...alice, sign: message => bob.sign(message) })
    const flipped = good.bytes.slice()
    flipped[flipped.length - 1]! ^= 1
    const falseSky = await block({ sky: { ...good.sky, bodies: good.sky!.bodies.slice(1) } as Sky })
    const mix = [
      good.bytes,
      new Uint8Array(),
      forged.bytes,
      new Uint8Array(262_145),
      withBadSignature(good),
      flipped,
      falseSky.bytes,
      good.bytes.subarray(1),
      envelopes[0]!,
    ]
    const all = await collect(verifyBlocks(mix, { concurrency: 3 }))
    const validator = new CosmicValidator({ clock })
    for (const [index, bytes] of mix.entries()) {
      const verdict = await validator.validate(bytes)
      const { result, grades, checks } = all[index]!
      expect(grades).toEqual(verdict.grades)
      if (verdict.status === 'invalid') expect(result).toMatchObject({ ok: false, error: { code: verdict.code } })
      else expect(result).toEqual({ ok: true, value: verdict.block })
      expect(checks.slice(0, 4)).toEqual(verdict.checks.slice(0, 4))
    }
    expect(all.map(({ result }) => result.ok)).toEqual([true, false, false, false, false, false, false, false, true])
  })

  test('an item that is no envelope is invalid, not a throw', async () => {
    const junk = [undefined, null, 'text', 7, {}] as unknown as Uint8Array[]
    const all = await collect(verifyBlocks([...junk, envelopes[0]!]))
    expect(all.map(outcome)).toEqual([...junk.map(() => 'bad-type'), made[0]!.id])
  })

  test('says what this version does not know', async () => {
    const other = await block({ sky: { ...(await block()).sky!, profile: 'other-sky-9' } })
    const [one] = await collect(verifyBlocks([other.bytes]))
    expect(one).toMatchObject({ result: { ok: true }, unknown: { code: 'unknown-profile' } })
  })

  test('reports progress with every result', async () => {
    const steps: VerifyProgress[] = []
    const mix = [...envelopes.slice(0, 3), new Uint8Array(5)]
    await collect(verifyBlocks(mix, { onProgress: step => steps.push(step) }))
    expect(steps.map(({ blocks }) => blocks)).toEqual([1, 2, 3, 4])
    const bytes = mix.reduce((sum, { length }) => sum + length, 0)
    expect(steps.at(-1)).toEqual({ blocks: 4, valid: 3, invalid: 1, bytes })
  })

  test('of nothing is nothing', async () => {
    expect(await collect(verifyBlocks([]))).toEqual([])
  })

  test('copies what it reads, so that the source may use its buffer again', async () => {
    const buffer = new Uint8Array(4096)
    function* reusing() {
      for (const bytes of envelopes) {
        buffer.fill(0)
        buffer.set(bytes)
        yield buffer.subarray(0, bytes.length)
      }
    }
    expect((await collect(verifyBlocks(reusing()))).map(outcome)).toEqual(made.map(({ id }) => id))
  })
})

describe('bounds', () => {
  test('never reads further ahead than the concurrency', async () => {
    let read = 0
    function* counting() {
      for (let i = 0; i < COUNT; i++) {
        read++
        yield envelopes[i]!
      }
    }
    let furthest = 0
    for await (const { index } of verifyBlocks(counting(), { concurrency: 5 })) {
      await new Promise(resolve => setTimeout(resolve, 1))
      furthest = Math.max(furthest, read - index)
    }
    expect(read).toBe(COUNT)
    expect(furthest).toBeLessThanOrEqual(5)
  })

  test('the event loop has its turns, though the source never waits and no check is native', async () => {
    let turned = false
    setTimeout(() => (turned = true), 0)
    function* until() {
      for (let i = 0; i < 100_000 && !turned; i++) yield new Uint8Array(5)
    }
    const results = await collect(verifyBlocks(until()))
    expect(turned).toBe(true)
    expect(results.length).toBeLessThan(100_000)
  })

  test('a slow source does not hold back the results that are there', async () => {
    let release = (): void => undefined
    async function* slow() {
      yield envelopes[0]!
      await new Promise<void>(resolve => (release = resolve))
      yield envelopes[1]!
    }
    const run = verifyBlocks(slow())
    expect((await run.next()).value).toMatchObject({ index: 0 })
    release()
    expect((await run.next()).value).toMatchObject({ index: 1 })
    expect(await run.next()).toEqual({ done: true, value: undefined })
  })

  test.each([0, -1, 1.5, 1025, Number.NaN, Infinity])('a concurrency of %s is refused', async concurrency => {
    await expect(collect(verifyBlocks([], { concurrency }))).rejects.toMatchObject({
      code: 'out-of-range',
      field: 'concurrency',
    })
  })

  test.each([envelopes[0], {}, 7, null])('a source that is no list of envelopes is refused', async source => {
    const run = verifyBlocks(source as unknown as Uint8Array[])
    await expect(collect(run)).rejects.toMatchObject({ code: 'bad-type', field: 'source' })
  })
})

describe('the end of a run', () => {
  test('by a fault of the source comes after the results before it', async () => {
    const broken = new Error('disk')
    function* failing() {
      yield* envelopes.slice(0, 7)
      throw broken
    }
    expect(await collectUntilFault(verifyBlocks(failing()))).toEqual({ seen: [0, 1, 2, 3, 4, 5, 6], fault: broken })
    const stream = streamOf(envelopes.slice(0, 2), controller => controller.error(broken))
    expect((await collectUntilFault(verifyBlocks(stream))).fault).toBe(broken)
  })

  test('by its signal is immediate, even while the source is silent, and closes the source', async () => {
    const controller = new AbortController()
    let cancelled = false
    const silent = new ReadableStream<Uint8Array>({
      start: stream => stream.enqueue(envelopes[0]!),
      cancel: () => void (cancelled = true),
    })
    const run = collectUntilFault(verifyBlocks(silent, { signal: controller.signal }))
    setTimeout(() => controller.abort(new Error('enough')), 20)
    expect(await run).toMatchObject({ seen: [0], fault: { code: 'aborted', cause: new Error('enough') } })
    expect(cancelled).toBe(true)
  })

  test('by a signal between two results hands out nothing more', async () => {
    const controller = new AbortController()
    const run = verifyBlocks(envelopes, {
      signal: controller.signal,
      onProgress: ({ blocks }) => blocks === 3 && controller.abort(),
    })
    expect(await collectUntilFault(run)).toMatchObject({ seen: [0, 1, 2], fault: { code: 'aborted' } })
  })

  test('by a signal that fired before reads nothing', async () => {
    const never = {
      [Symbol.iterator](): Iterator<Uint8Array> {
        throw new Error('read')
      },
    }
    const run = verifyBlocks(never, { signal: AbortSignal.abort() })
    await expect(collect(run)).rejects.toMatchObject({ code: 'aborted' })
  })

  test('by the caller closes the source', async () => {
    let closed = false
    function* source() {
      try {
        yield* envelopes
      } finally {
        closed = true
      }
    }
    for await (const { index } of verifyBlocks(source(), { concurrency: 4 })) if (index === 2) break
    await new Promise(resolve => setTimeout(resolve, 0))
    expect(closed).toBe(true)
  })
})

function streamOf(
  items: readonly Uint8Array[],
  end: (controller: ReadableStreamDefaultController<Uint8Array>) => void = controller => controller.close(),
): ReadableStream<Uint8Array> {
  const left = [...items]
  return new ReadableStream({
    pull(controller) {
      const next = left.shift()
      if (next === undefined) end(controller)
      else controller.enqueue(next)
    },
  })
}
