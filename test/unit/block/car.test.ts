import { CarReader, CarWriter } from '@ipld/car'
import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { exportCar, importCar, openEnvelope } from '../../../src/block/index'
import { archive, blocks, bounds, bytesOf, dagCborCid, envelopesOf, read } from './archives'
import { EMBEDDING, envelopeOf } from './payloads'

describe('@ipld/car', () => {
  test('reads what we write: each payload under its id, and its node', async () => {
    const reader = await CarReader.fromBytes(archive)
    expect(reader.version).toBe(1)
    expect((await reader.getRoots()).map(String)).toEqual(['bafkqaaa'])
    const found: { cid: string; bytes: Uint8Array }[] = []
    for await (const { cid, bytes } of reader.blocks()) {
      expect(cid.toString()).toBe((await dagCborCid(bytes)).toString())
      found.push({ cid: cid.toString(), bytes })
    }
    expect(found).toHaveLength(6)
    for (const [i, block] of blocks.entries()) {
      const { payload, signature } = unwrap(openEnvelope(block.bytes))
      expect(found[2 * i]).toEqual({ cid: block.id, bytes: new Uint8Array(payload) })
      const node = dagCbor.decode<{ block: CID; signature: Uint8Array }>(found[2 * i + 1]!.bytes)
      expect([node.block.toString(), node.signature]).toEqual([block.id, new Uint8Array(signature)])
      expect(dagCbor.encode(node)).toEqual(found[2 * i + 1]!.bytes)
    }
  })

  test.each(['payload first', 'node first', 'all payloads first'])('writes what we read: %s', async order => {
    const pairs = await Promise.all(
      blocks.map(async block => {
        const { payload, signature } = unwrap(openEnvelope(block.bytes))
        const node = dagCbor.encode({ block: CID.parse(block.id), signature: new Uint8Array(signature) })
        return [
          { cid: CID.parse(block.id), bytes: new Uint8Array(payload) },
          { cid: await dagCborCid(node), bytes: node },
        ] as const
      }),
    )
    const sections =
      order === 'payload first'
        ? pairs.flat()
        : order === 'node first'
          ? pairs.map(([payload, node]) => [node, payload]).flat()
          : [...pairs.map(([payload]) => payload), ...pairs.map(([, node]) => node)]
    const { writer, out } = CarWriter.create(pairs.map(([, node]) => node.cid))
    const writing = (async () => {
      for (const block of sections) await writer.put(block)
      await writer.close()
    })()
    const { envelopes, failures } = await read(out)
    await writing
    expect(envelopes).toEqual(envelopesOf(blocks))
    expect(failures).toEqual([])
  })
})

describe('an archive', () => {
  test('gives back the very envelopes, from any source', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(archive)
        controller.close()
      },
    })
    const unread = { getReader: () => stream.getReader() } as ReadableStream<Uint8Array>
    for (const source of [[archive], unread, archive]) {
      const out: unknown[] = []
      for await (const answer of importCar(source)) out.push(unwrap(answer))
      expect(out).toEqual(envelopesOf(blocks))
    }
  })

  test('of no blocks is empty', async () => {
    const empty = await bytesOf(exportCar([]))
    expect(await read(empty)).toEqual({ envelopes: [], failures: [], progress: [{ blocks: 0, offset: empty.length }] })
  })

  test('carries blocks of kinds that this version does not know', async () => {
    const bytes = envelopeOf({ ...EMBEDDING, kind: 'later', more: 1 })
    expect((await read(await bytesOf(exportCar([{ bytes }])))).envelopes).toEqual([bytes])
  })

  test('is not written from bytes that are no envelope', async () => {
    await expect(bytesOf(exportCar([{ bytes: Uint8Array.of(1) }]))).rejects.toMatchObject({ code: 'bad-envelope' })
  })

  test('goes on after an interruption, on either side, from the byte that was named', async () => {
    for (const offset of [0, 1, 40, bounds[1]!, bounds[1]! + 7, archive.length, archive.length + 1]) {
      expect(await bytesOf(exportCar(blocks, { offset }))).toEqual(archive.slice(offset))
    }
    const { progress } = await read(archive)
    expect(progress.map(({ offset }) => offset)).toEqual([...bounds.slice(1), archive.length])
    for (const { blocks: done, offset } of progress) {
      expect((await read(archive.subarray(offset), { offset })).envelopes).toEqual(envelopesOf(blocks.slice(done)))
    }
  })

  test('cut anywhere but between two blocks is truncated, after every whole block, and names where to go on', async () => {
    for (let length = 0; length < archive.length; length++) {
      const { envelopes, failures } = await read(archive.subarray(0, length))
      const whole = bounds.filter(bound => bound <= length).length - 1
      expect(envelopes).toEqual(envelopesOf(blocks.slice(0, Math.max(0, whole))))
      if (bounds.includes(length)) expect(failures).toEqual([])
      else {
        const offset = whole < 0 ? 0 : bounds[whole]
        expect(failures).toEqual([{ code: 'truncated', field: 'archive', offset }])
      }
    }
  })

  test('stops when told to, even while its source is silent', async () => {
    const stop = new AbortController()
    const silent = (async function* () {
      yield archive.subarray(0, bounds[1])
      await new Promise(() => undefined)
    })()
    const reading = importCar(silent, { signal: stop.signal })
    expect((await reading.next()).value).toMatchObject({ ok: true })
    const next = reading.next()
    stop.abort()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
    await expect(bytesOf(exportCar(blocks, { signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'aborted' })
  })

  test('lets go of its source when the reader has enough', async () => {
    let closed = false
    const source = (async function* () {
      try {
        for (;;) yield archive
      } finally {
        closed = true
      }
    })()
    for await (const answer of importCar(source)) {
      expect(answer.ok).toBe(true)
      break
    }
    expect(closed).toBe(true)
  })
})
