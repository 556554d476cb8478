import { CosmicError } from '../../base/index'
import { Clusters } from './clusters'
import type { CodeSpace } from './code-space'
import { Generation } from './generation'
import { ROW } from './shape'

/** In place of a list: the nearest is to be found. */
const NO_LIST = 0xffffffff

/** The number of clusters (0: one list), the rotated centroid's floats, and the clusters' centroids; in this machine's byte order. */
export function baseOf(space: CodeSpace, { clusters, centroid }: Generation): Uint8Array {
  const { memory, shape } = space
  const floats = 4 * shape.bytes
  const base = new Uint8Array(4 + floats + (clusters?.rows.length ?? 0))
  new Uint32Array(base.buffer, 0, 1)[0] = clusters?.count ?? 0
  base.set(memory.bytes.subarray(centroid, centroid + floats), 4)
  if (clusters) base.set(clusters.rows, 4 + floats)
  return base
}

/** Throws `bad-value` when it is not of this shape. */
export function restoreBase(space: CodeSpace, base: Uint8Array): Generation {
  const { memory, shape } = space
  const floats = 4 * shape.bytes
  const count = base.length >= 4 ? new DataView(base.buffer, base.byteOffset).getUint32(0, true) : NaN
  if (base.length !== 4 + floats + count * shape.rowSize)
    throw new CosmicError({ code: 'bad-value', field: 'search.base' })
  const centroid = space.allocateFloats()
  memory.bytes.set(base.subarray(4, 4 + floats), centroid)
  const clusters = count > 0 ? new Clusters(space, count) : undefined
  clusters?.rows.set(base.subarray(4 + floats))
  return new Generation(space, 0, centroid, clusters)
}

/** A row as it is in memory, but for its slot, which gives way to its list. */
export function saveRow(space: CodeSpace, generation: Generation, row: number, to: Uint8Array): void {
  const { memory, shape } = space
  const at = memory.rowAt(row)
  to.set(memory.bytes.subarray(at, at + shape.rowSize))
  const owner = memory.ownerOf(memory.slotOf(row))
  const list = owner.generation === generation.number ? owner.list : NO_LIST
  new DataView(to.buffer, to.byteOffset).setUint32(shape.bytes + ROW.slot, list, true)
}

export function restoreRow(
  space: CodeSpace,
  generation: Generation,
  row: number,
  saved: Uint8Array,
  fits: boolean,
): void {
  const { memory, shape } = space
  const at = memory.placeRow(row)
  memory.bytes.set(saved.subarray(0, shape.rowSize), at)
  space.restoreRow(row)
  const list = new DataView(saved.buffer, saved.byteOffset).getUint32(shape.bytes + ROW.slot, true)
  generation.add(row, fits && list < generation.lists.length ? list : undefined)
}
