import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../src/base/index'
import { isIncluded, leafHash, longestPath, nodeHash } from '../../../src/block/merkle-proof'
import { MerkleTree } from '../../../src/block/merkle-tree'

/** The leaves and roots with which Certificate Transparency's own implementations test RFC 6962. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  text => fromHex(text)!,
)
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const leaf = (number: number) => Uint8Array.of(number >> 8, number & 255)
const treeOf = (size: number) => new MerkleTree(Array.from({ length: size }, (_, i) => leaf(i)))

describe('Merkle trees', () => {
  test('have the roots of RFC 6962', () => {
    ROOTS.forEach((root, i) => expect(toHex(new MerkleTree(LEAVES.slice(0, i + 1)).root)).toBe(root))
  })

  test('lead from every leaf to the root, and from no leaf elsewhere', () => {
    for (let size = 1; size <= 33; size++) {
      const tree = treeOf(size)
      for (let index = 0; index < size; index++) {
        const way = { index, size, path: tree.path(index) }
        expect(way.path.length).toBeLessThanOrEqual(longestPath(size))
        expect(isIncluded(leaf(index), way, tree.root)).toBe(true)
        for (let other = 0; other <= size; other++) {
          if (other !== index) expect(isIncluded(leaf(index), { ...way, index: other }, tree.root)).toBe(false)
        }
        expect(isIncluded(leaf(index + 1), way, tree.root)).toBe(false)
      }
    }
  })

  test('take no altered, shortened or lengthened path', () => {
    const size = fc.integer({ min: 2, max: 300 })
    const spot = fc.record({ size, index: fc.nat(299), byte: fc.nat(1000), bit: fc.nat(7) })
    fc.assert(
      fc.property(spot, ({ size, index: wish, byte, bit }) => {
        const tree = treeOf(size)
        const index = wish % size
        const path = tree.path(index)
        const included = (altered: Uint8Array) => isIncluded(leaf(index), { index, size, path: altered }, tree.root)
        const flipped = path.map((value, i) => (i === byte % path.length ? value ^ (1 << bit) : value))
        expect(included(path)).toBe(true)
        expect([flipped, path.slice(32), path.slice(0, -32), path.slice(1)].some(included)).toBe(false)
        expect(included(Uint8Array.of(...path, ...new Uint8Array(32)))).toBe(false)
      }),
      { numRuns: 60 },
    )
  })

  test('tell leaves from nodes: a node’s content is no leaf, and a leaf no node', () => {
    const tree = treeOf(4)
    const [left, right] = [
      nodeHash(leafHash(leaf(0)), leafHash(leaf(1))),
      nodeHash(leafHash(leaf(2)), leafHash(leaf(3))),
    ]
    expect(nodeHash(left, right)).toEqual(tree.root)
    const node = Uint8Array.of(...leafHash(leaf(0)), ...leafHash(leaf(1)))
    expect(isIncluded(node, { index: 0, size: 2, path: right }, tree.root)).toBe(false)
  })
})
