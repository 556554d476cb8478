import { rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSearch, type SearchEngine, type SearchOptions } from '../../../src/search/index'
import { readFromWorker, readToWorker } from '../../../src/search/worker/messages'
import { memoryStorage, openBlockStore, type StoredBlock } from '../../../src/store/index'
import { answersOf, MODEL, sceneBlocks } from '../../tools/search-scenes'
import { badWorker, bundleWorker } from '../../tools/search-worker'

let blocks: StoredBlock[]
let file: URL
beforeAll(async () => {
  blocks = await sceneBlocks({ count: 1300 })
  file = await bundleWorker()
}, 60_000)
afterAll(() => rmSync(path.dirname(fileURLToPath(file)), { recursive: true }))

const engines: SearchEngine[] = []
afterAll(() => Promise.all(engines.map(engine => engine.close())))

async function opened(options: SearchOptions = {}, storage = memoryStorage()) {
  const store = await openBlockStore(storage)
  const workers: Worker[] = []
  const worker = () => {
    const started = new Worker(file)
    workers.push(started)
    return started
  }
  const errors: { code: string; limit?: number }[] = []
  const onError = (error: unknown) => void errors.push(error as { code: string })
  const clock = { now: () => 5_000 }
  const engine = await openSearch(store, { worker, onError, clock, saveFrom: 0, ...options })
  engines.push(engine)
  return { engine, store, workers, errors, storage }
}

const vectorOf = (i: number) => {
  const { block } = blocks[i]!
  if (block.opaque || block.kind !== 'embedding') throw new Error('not an embedding')
  return new Float32Array(block.embedding.data.slice().buffer)
}

describe('an index in a worker', () => {
  test('answers as one on the thread does, before and after codes are made, and when it is opened again', async () => {
    const { engine, store, storage, errors } = await opened()
    expect(engine.thread).toBe('worker')
    await store.put(blocks.slice(0, 900))
    const local = await openSearch(store, { persist: false, clock: { now: () => 5_000 } })
    expect(await answersOf(engine, blocks)).toEqual(await answersOf(local, blocks))
    await store.put(blocks.slice(900))
    await store.judge(
      blocks.slice(0, 40).map(({ block: { id } }) => ({ id, admitted: false, code: 'policy' as const })),
    )
    await Promise.all([engine.settled(), local.settled()])
    const expected = await answersOf(local, blocks)
    expect(await answersOf(engine, blocks)).toEqual(expected)
    expect(engine.kernels).toMatch(/^wasm/)
    expect((await engine.look()).spaces).toMatchObject([{ model: MODEL, dims: 16, size: 1260 }])
    await engine.close()
    const again = await opened({}, storage)
    await again.engine.settled()
    expect(await answersOf(again.engine, blocks)).toEqual(expected)
    expect(errors).toEqual([])
  }, 60_000)

  test('refuses what it refuses on the thread', async () => {
    const { engine, store } = await opened()
    await store.put(blocks.slice(0, 5))
    await expect(engine.search({ vector: [1, 2], model: MODEL })).rejects.toMatchObject({
      code: 'wrong-length',
      limit: 16,
    })
    await expect(engine.search({ vector: new Float32Array(16), model: MODEL })).rejects.toMatchObject({
      code: 'bad-value',
    })
  })

  test('stops a search when its signal fires', async () => {
    const { engine, store } = await opened()
    await store.put(blocks.slice(0, 100))
    const abort = new AbortController()
    const asked = engine.search({ vector: vectorOf(1), model: MODEL, signal: abort.signal })
    abort.abort()
    await expect(asked).rejects.toMatchObject({ code: 'aborted' })
    expect((await engine.search({ vector: vectorOf(1), model: MODEL, k: 1 })).hits[0]!.id).toBe(blocks[1]!.block.id)
  })

  test('has one listener on a signal, however many searches wait for it', async () => {
    const { engine, store } = await opened()
    await store.put(blocks.slice(0, 100))
    const warnings: Error[] = []
    const hear = (warning: Error) => void warnings.push(warning)
    process.on('warning', hear)
    const abort = new AbortController()
    const ask = () => engine.search({ vector: vectorOf(1), model: MODEL, signal: abort.signal })
    await Promise.all(Array.from({ length: 30 }, ask))
    const asked = Promise.allSettled(Array.from({ length: 30 }, ask))
    abort.abort()
    for (const each of await asked) expect(each).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } })
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', hear)
    expect(warnings).toEqual([])
  })

  test('a worker that dies takes its calls with it; the next one goes on from the store', async () => {
    const { engine, store, workers, errors } = await opened()
    await store.put(blocks.slice(0, 300))
    const before = await answersOf(engine, blocks)
    const asked = Promise.allSettled(
      Array.from({ length: 20 }, () => engine.search({ vector: vectorOf(1), model: MODEL })),
    )
    await workers[0]!.terminate()
    for (const { status, ...rest } of await asked) {
      if (status === 'rejected') expect(rest).toMatchObject({ reason: { code: 'worker', field: 'search.worker' } })
    }
    expect(errors).toMatchObject([{ code: 'worker' }])
    await engine.settled()
    expect(workers.length).toBe(2)
    expect(await answersOf(engine, blocks)).toEqual(before)
    await store.put(blocks.slice(300, 310))
    expect((await engine.look()).spaces[0]!.size).toBe(310)
  })

  test.each([
    ['ends at once', () => badWorker('process.exit(3)')],
    ['throws at once', () => badWorker('throw new Error("no")')],
    ['speaks another language', () => badWorker('parentPort.postMessage({ type: "hello" })')],
    ['is of another version', () => badWorker('parentPort.postMessage({ type: "ready", protocol: 99 })')],
    ['cannot be started', () => { throw new Error('no workers here') }], // prettier-ignore
  ])('where every worker %s, the index lives on the thread after the third', async (_title, worker) => {
    let started = 0
    const { engine, store, errors } = await opened({ worker: () => (started++, worker()) })
    await store.put(blocks.slice(0, 50))
    expect((await engine.search({ vector: vectorOf(1), model: MODEL, k: 1 })).hits[0]!.id).toBe(blocks[1]!.block.id)
    expect([engine.thread, started]).toEqual(['own', 3])
    expect(errors).toMatchObject(Array(3).fill({ code: 'worker' }))
  })

  test('a worker that says nothing is taken for dead when its time is over', async () => {
    const due: (() => void)[] = []
    const timers = { set: (callback: () => void) => (due.push(callback), () => {}) }
    const silent = opened({ timers, worker: () => badWorker('setInterval(() => {}, 1000)') })
    for (let death = 0; death < 3; death++) {
      while (due.length === 0) await new Promise(resolve => setImmediate(resolve))
      due.splice(0).forEach(callback => callback())
      await new Promise(resolve => setImmediate(resolve))
    }
    const { engine, errors } = await silent
    expect(engine.thread).toBe('own')
    expect(errors).toMatchObject(Array(3).fill({ code: 'worker' }))
  })
})

describe('memory', () => {
  test.each(['worker', 'own'])('is bounded: what is too much is counted and told (%s thread)', async thread => {
    const { engine, store, errors } = await opened({
      maxBytes: 60_000,
      ...(thread === 'own' && { worker: undefined as never }),
    })
    await store.put(blocks.slice(0, 500))
    const { bytes, omitted, spaces } = await engine.look()
    expect(engine.thread).toBe(thread)
    expect(bytes).toBeLessThan(80_000)
    expect(spaces[0]!.size).toBeGreaterThan(100)
    expect(spaces[0]!.size + omitted).toBe(500)
    expect(errors).toMatchObject([{ code: 'limit', field: 'search.maxBytes', limit: 60_000 }])
    await store.erase([blocks[499]!.block.id], 'expired')
    await store.put(blocks.slice(490, 499))
    await store.put([blocks[499]!])
    await store.erase([blocks[499]!.block.id], 'expired')
    expect((await engine.look()).omitted).toBe(omitted - 1)
  })
})

test('what is no message is none', () => {
  for (const value of [
    undefined,
    null,
    3,
    'open',
    [],
    {},
    { type: 'toString' },
    { type: 'open' },
    { type: 'answer' },
  ]) {
    expect(readToWorker(value)).toBeUndefined()
    expect(readFromWorker(value)).toBeUndefined()
  }
  for (const value of [
    { type: 'call', id: 1, name: 'close', args: [] },
    { type: 'call', id: 1.5, name: 'look', args: [] },
    { type: 'call', id: 1, name: 'look' },
    { type: 'remove', ids: [1] },
    { type: 'vectors', id: 1, vectors: [[1]] },
    { type: 'refused', id: 1, failure: {} },
  ])
    expect(readToWorker(value)).toBeUndefined()
  expect(readToWorker({ type: 'call', id: 1, name: 'look', args: [] })).toBeDefined()
  expect(readFromWorker({ type: 'ask', id: 1, ids: ['a'] })).toBeDefined()
})
