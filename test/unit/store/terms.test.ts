import { expect, test } from 'vitest'
import { createBlock, Signer } from '../../../src/index'
import { termsOf } from '../../../src/store/terms'

test.each([2, 12])('a term that %i links share stands once', async count => {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(7))
  const own = { embedding: Float32Array.of(1, 2), model: 'acme:embed-1', sky: false } as const
  const input = { type: 'text', content: 'Water boils at 100 °C.' } as const
  const { id } = await createBlock({ ...own, input }, signer)
  const links = Array.from({ length: count }, (_, i) => ({ relation: `relation-${i}`, id }))
  const terms = termsOf(await createBlock({ ...own, input, links, tags: ['physics'] }, signer))
  const others = [`A${signer.did}`, 'Kembedding', 'Macme:embed-1', 'Tphysics', `L${id}`]
  expect(terms.toSorted()).toEqual([...others, ...links.map(({ relation }) => `N${id} ${relation}`)].toSorted())
})
