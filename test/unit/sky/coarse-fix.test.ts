import { inverse, Matrix } from 'ml-matrix'
import { expect, test } from 'vitest'
import { decodeBlock, createBlock, type EmbeddingBlock } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { unwrap } from '../../../src/base/index'
import type { HorizontalBody, Place } from '../../../src/sky/index'
import { computeSky } from '../../../src/sky/observe-sky'

const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
const METRES = 111_200

/** Unit vectors of all bodies, one after the other. */
function vectors(bodies: readonly HorizontalBody[]): number[] {
  const radian = Math.PI / 648_000
  return [...bodies]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ altitude, azimuth }) => {
      const [h, a] = [altitude * radian, azimuth * radian]
      return [Math.cos(h) * Math.cos(a), Math.cos(h) * Math.sin(a), Math.sin(h)]
    })
}

/** Whoever reads the block solves for the place by least squares: Gauss and Newton, from a start far away. */
function fix({ time, sky }: EmbeddingBlock): { latitude: number; longitude: number } {
  const seen = vectors(sky!.bodies as readonly HorizontalBody[])
  const at = (place: Place) => vectors(computeSky({ time, place }).bodies as readonly HorizontalBody[])
  let [latitude, longitude] = [20, -10]
  for (let step = 0; step < 12; step++) {
    const here = at({ latitude, longitude })
    const [north, east] = [at({ latitude: latitude + 1e-5, longitude }), at({ latitude, longitude: longitude + 1e-5 })]
    const slopes = new Matrix(here.map((value, i) => [(north[i]! - value) / 1e-5, (east[i]! - value) / 1e-5]))
    const misses = Matrix.columnVector(here.map((value, i) => seen[i]! - value))
    const normal = inverse(slopes.transpose().mmul(slopes))
    const move = normal.mmul(slopes.transpose()).mmul(misses)
    latitude = Math.max(-80, Math.min(80, latitude + move.get(0, 0)))
    longitude += move.get(1, 0)
  }
  return { latitude, longitude }
}

function distance(a: { latitude: number; longitude: number }, b: Place): number {
  const east = (a.longitude - b.longitude) * Math.cos((b.latitude * Math.PI) / 180)
  return Math.hypot(a.latitude - b.latitude, east) * METRES
}

const home = { latitude: 48.2082, longitude: 16.3738, elevation: 171, accuracy: 10 }
const made = async (place: Place) => {
  const fields = { embedding: [1], model: 'acme:m', time: Date.UTC(2026, 10, 22, 18), place }
  return unwrap(decodeBlock((await createBlock(fields, signer)).bytes)) as EmbeddingBlock
}

test('the sky of an exact place gives it away to metres', async () => {
  expect(distance(fix(await made(home)), home)).toBeLessThan(40)
})

test.each([0.01, 0.1, 1] as const)(
  'that of a place on the grid of %s° gives the grid point, not the place',
  async grid => {
    const block = await made({ ...home, grid })
    const found = fix(block)
    expect(distance(found, block.place!)).toBeLessThan(40)
    expect(distance(found, home)).toBeGreaterThan(200)
  },
)

test('blocks from anywhere in a cell are the same block', async () => {
  const corner = { latitude: 48.151, longitude: 16.449, elevation: 420, accuracy: 3000 }
  expect((await made({ ...corner, grid: 0.1 })).id).toBe((await made({ ...home, grid: 0.1 })).id)
})
