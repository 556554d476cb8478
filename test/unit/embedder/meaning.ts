import { expect } from 'vitest'
import type { Embedder } from '../../../src/block/index'
import { dot } from '../../../src/models/translator'

const PAIRS = [
  ['A cat is sleeping on the sofa.', 'The kitten naps on the couch.'],
  ['The central bank raised interest rates.', 'Borrowing costs went up after the decision of the monetary authority.'],
  ['Water boils at one hundred degrees.', 'The boiling point of water is 100 °C.'],
  ['He plays the violin in an orchestra.', 'The musician performs on a string instrument.'],
  ['The doctor prescribed an antibiotic.', 'The physician gave her medicine against the infection.'],
  ['Glaciers are melting because of climate change.', 'Ice sheets shrink as the planet warms.'],
  ['She wrote a program that sorts numbers.', 'Her software puts integers in order.'],
  ['The team won the football match.', 'They scored more goals and took the victory in the soccer game.'],
  ['Fresh bread comes out of the oven.', 'The bakery sells warm loaves.'],
  ['The telescope shows the moons of Jupiter.', 'Astronomers observe satellites of the giant planet.'],
] as const

/** Every sentence's own paraphrase must be nearer than the paraphrase of any other. */
export async function expectMeaning(embedder: Embedder): Promise<void> {
  const left = await embedder.embed(PAIRS.map(([a]) => a))
  const right = await embedder.embed(PAIRS.map(([, b]) => b))
  const nearest = left.map(a => {
    const scores = right.map(b => dot(a, b))
    return scores.indexOf(Math.max(...scores))
  })
  expect(nearest).toEqual(PAIRS.map((_, i) => i))
  expect(Math.sqrt(dot(left[0]!, left[0]!))).toBeCloseTo(1, 4)
}
