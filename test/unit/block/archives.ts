import * as dagCbor from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'
import { concat, type Failure, type Result } from '../../../src/base/index'
import { createBlock, exportCar, importCar, type Block } from '../../../src/block/index'
import type { CarImportOptions, CarProgress } from '../../../src/block/index'
import { encodeVarint } from '../../../src/block/car-format'
import { base, signer } from './making'

export const blocks = await Promise.all(
  [1, 2, 3].map(n => createBlock({ ...base, time: n, input: { type: 'text', content: 'é'.repeat(40 * n) } }, signer)),
)
/** Three blocks, exported. */
export const archive = await bytesOf(exportCar(blocks))
/** Where each block's two sections begin, and the end. */
export const bounds = await boundsOf(blocks)

export async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return concat(...all)
}

async function boundsOf(of: readonly Block[]): Promise<number[]> {
  const out: number[] = []
  let at = 0
  for await (const chunk of exportCar(of)) out.push((at += chunk.length))
  return out
}

export interface Read {
  readonly envelopes: readonly Uint8Array[]
  readonly failures: readonly Failure[]
  readonly progress: readonly CarProgress[]
}

export async function read(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  options: CarImportOptions = {},
): Promise<Read> {
  const answers: Result<Uint8Array>[] = []
  const progress: CarProgress[] = []
  const chunks = source instanceof Uint8Array ? [source] : source
  for await (const answer of importCar(chunks, { onProgress: step => progress.push(step), ...options }))
    answers.push(answer)
  const envelopes = answers.flatMap(answer => (answer.ok ? [answer.value] : []))
  return { envelopes, failures: answers.flatMap(answer => (answer.ok ? [] : [answer.error])), progress }
}

export const envelopesOf = (of: readonly Block[]) => of.map(({ bytes }) => bytes)
export const section = (cid: Uint8Array, bytes: Uint8Array) =>
  concat(encodeVarint(cid.length + bytes.length), cid, bytes)
export const dagCborCid = async (bytes: Uint8Array) => CID.createV1(dagCbor.code, await sha256.digest(bytes))
export const head = archive.subarray(0, bounds[0])
