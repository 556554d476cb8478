import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createBlock, RELATIONS } from '../../../src/block/index'
import { base, signer } from './making'

const names = Object.values(RELATIONS)

test('every known relation links, and so does one of a namespace', async () => {
  const { id } = await createBlock(base, signer)
  const links = [...names, 'acme/refutes'].map(relation => ({ relation, id }))
  expect((await createBlock({ ...base, links }, signer)).links).toEqual(links)
})

test('the specification lists exactly the known relations', () => {
  const spec = readFileSync(new URL('../../../docs/spec/block.md', import.meta.url), 'utf8')
  const table = /\| relation +\|[^\n]*\n\|[-| ]+\|\n((?:\|[^\n]*\n)+)/.exec(spec)![1]!
  expect(Array.from(table.matchAll(/^\| `([^`]+)`/gm), ([, name]) => name)).toEqual(names)
})
