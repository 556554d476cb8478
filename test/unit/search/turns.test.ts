import { expect, test } from 'vitest'
import { CodeIndex } from '../../../src/search/kernels/code-index'
import type { Kernels } from '../../../src/search/kernels/kernels'
import { ScalarKernels } from '../../../src/search/kernels/scalar-kernels'
import { Turns } from '../../../src/search/kernels/turns'
import { clustered, request, rowsOf } from '../../tools/vectors'

const pause = () => new Promise<void>(resolve => setImmediate(resolve))

test('a slice of work in the background and a scan that wait for the same turn do not both go on', async () => {
  const turns = new Turns()
  const log: string[] = []
  const scan = (name: string) =>
    turns.alone(async () => {
      log.push(`${name} begins`)
      await pause()
      log.push(`${name} ends`)
    })
  const work = async () => {
    await turns.slice(undefined)
    log.push('a slice')
    await turns.slice(pause)
    log.push('another')
    turns.leave()
  }
  const first = scan('first')
  await Promise.all([first, work(), scan('second'), scan('third')])
  expect(log.toString()).toMatch(/(first|second|third) begins,\1 ends.*(first|second|third) begins,\2 ends/)
  for (const name of ['first', 'second', 'third'])
    expect(log.indexOf(`${name} ends`)).toBe(log.indexOf(`${name} begins`) + 1)
  expect(log.length).toBe(8)
  await scan('last')
  expect(log.at(-1)).toBe('last ends')
})

test('scans that overlap while clusters are made find no row twice', async () => {
  const vectors = clustered({ dims: 16, count: 1500 })
  const kernels: Kernels = Object.assign(new ScalarKernels(), { slice: 1 << 13 })
  const options = { centroid: new Float32Array(16), clustersFrom: vectors.length - 1, pause }
  const index = new CodeIndex(kernels, 16, options)
  for (const [row, vector] of vectors.entries()) index.set(row, vector)
  const all = rowsOf(vectors.keys())
  let made = false
  let scans = 0
  const ask = async (from: number) => {
    for (let row = from; !made; row = (row + 7) % vectors.length) {
      const asked = request({ query: vectors[row]!, all, recall: 0.9, k: 20, pause })
      const found = (await index.scan(asked)).candidates.map(candidate => candidate.row)
      expect(found).toContain(row)
      expect(new Set(found).size).toBe(found.length)
      scans++
    }
  }
  const asking = [1, 2, 3].map(ask)
  await index.settled()
  made = true
  await Promise.all(asking)
  expect(scans).toBeGreaterThan(100)
}, 20_000)
