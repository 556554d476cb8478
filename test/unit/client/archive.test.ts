import { expect, test } from 'vitest'
import { concat } from '../../../src/base/index'
import { createBlock, exportCar } from '../../../src/block/index'
import type { ExportProgress, ImportReport } from '../../../src/client/index'
import { DEFERRAL_WINDOW } from '../../../src/validate/index'
import { withBadSignature } from '../../tools/forge-signature'
import { startAgent, startAgents, type Agent } from './agents'

async function archiveOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return concat(...all)
}

const nothing: ImportReport = { stored: 0, deferred: 0, refused: 0, refusals: [] }

async function filled(count: number): Promise<Agent> {
  const agent = await startAgent()
  for (let i = 0; i < count; i++) await agent.publish({ embedding: [1, i], tags: i % 2 === 0 ? ['even'] : ['odd'] })
  return agent
}

test('an archive carries everything to another agent, who verifies, indexes and announces it', async () => {
  const author = await filled(5)
  const [reader, neighbour] = await startAgents(2)
  await reader.client.connect('memory://b')
  const heard = neighbour.client.subscribe()[Symbol.asyncIterator]()
  const archive = await archiveOf(author.client.export())
  expect(await reader.client.import([archive])).toEqual({ ...nothing, stored: 5 })
  const { hits } = await reader.client.search([1, 4], { model: 'test:two', k: 1 })
  expect((await author.client.get(hits[0]!.block.id))?.bytes).toEqual(hits[0]!.block.bytes)
  expect((await heard.next()).value?.author).toBe(author.client.id)

  expect(await reader.client.import(archive)).toEqual({ ...nothing, stored: 5 })
  expect((await reader.client.status()).store.blocks).toBe(5)
})

test('a filter chooses what is exported', async () => {
  const { client } = await filled(5)
  const reader = await startAgent()
  expect(await reader.client.import(client.export({ where: { tags: ['odd'] } }))).toMatchObject({ stored: 2 })
})

test('an export goes on where it was cut, whatever was erased or came in between', async () => {
  const { client, publish } = await startAgent()
  const ids: string[] = []
  for (let i = 0; i < 300; i++) ids.push((await publish({ embedding: [1, i] })).id)
  const parts: Uint8Array[] = []
  let place: ExportProgress | undefined
  let chunks = 0
  for await (const chunk of client.export({ onProgress: progress => (place = progress) })) {
    parts.push(chunk)
    if (++chunks === 280) break
  }
  expect(place).toMatchObject({ blocks: 256, offset: expect.any(Number) as number })
  const { offset, cursor } = place!
  await Promise.all(ids.slice(3, 6).map(id => client.retract(id)))
  const late = await publish({ embedding: [3, 1] })
  const rest = await archiveOf(client.export({ after: cursor, onProgress: progress => (place = progress) }))
  const reader = await startAgent()
  await reader.client.import(concat(concat(...parts).subarray(0, offset), rest))
  const gone = new Set(ids.slice(3, 6))
  for (const id of [...ids, late.id]) expect(await reader.client.get(id).then(Boolean)).toBe(!gone.has(id))
  // A finished one says where the next begins.
  const next = await publish({ embedding: [3, 2] })
  expect(await archiveOf(client.export({ after: place!.cursor }))).toEqual(
    (await archiveOf(exportCar([next]))).subarray((await archiveOf(exportCar([]))).length),
  )
  await expect(archiveOf(reader.client.export({ after: cursor }))).rejects.toMatchObject({ code: 'stale-cursor' })
})

test('an import broken off stores what is whole, says where to go on, and goes on', async () => {
  const { client } = await filled(300)
  const archive = await archiveOf(client.export())
  const reader = await startAgent()
  const cut = archive.length - 100
  const progress: number[] = []
  const error: unknown = await reader.client
    .import(archive.subarray(0, cut), { onProgress: ({ offset }) => progress.push(offset) })
    .catch((cause: unknown) => cause)
  expect(error).toMatchObject({ name: 'CosmicError', code: 'truncated', field: 'archive' })
  expect((await reader.client.status()).store.blocks).toBe(299)
  const { offset } = error as { offset: number }
  expect(progress).toEqual([expect.any(Number), offset])
  expect(await reader.client.import(archive.subarray(offset), { offset })).toEqual({ ...nothing, stored: 1 })
  expect((await reader.client.status()).store.blocks).toBe(300)
})

test('a block that is refused stops no other; one of the near future waits', async () => {
  const { client, publish } = await filled(1)
  const victim = await publish({ embedding: [2, 3] })
  const forged = { id: victim.id, bytes: withBadSignature(victim) }
  const source = await startAgent()
  const good = await source.publish({ embedding: [3, 3] })
  const soon = await source.publish({ time: Date.now() + 3_600_000 })
  const far = { bytes: (await makeFar(source)).bytes }
  expect(await client.import(exportCar([forged, far, good, soon]))).toMatchObject({
    stored: 1,
    deferred: 1,
    refused: 2,
    refusals: [
      { code: 'bad-signature', field: 'signature', id: forged.id },
      { code: 'time-future', message: expect.stringContaining('deferred') as string },
    ],
  })
  expect(await client.get(good.id)).toEqual(good)
})

test('stops between two batches when told to', async () => {
  const { client } = await filled(300)
  const reader = await startAgent()
  const stop = new AbortController()
  const importing = reader.client.import(client.export(), { signal: stop.signal, onProgress: () => stop.abort() })
  await expect(importing).rejects.toMatchObject({ code: 'aborted' })
  expect((await reader.client.status()).store.blocks).toBe(256)
})

async function makeFar({ signer }: Agent) {
  const time = Date.now() + 2 * DEFERRAL_WINDOW
  return createBlock({ embedding: [1, 1], model: 'test:two', time }, signer)
}
