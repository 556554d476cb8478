import { fromBase64url, toBase64url } from '../../src/base/index'
import { createBlock, type BlockFields } from '../../src/block/index'
import { Signer } from '../../src/signer/index'
import { observeSky, type Place } from '../../src/sky/index'
import { CosmicValidator } from '../../src/validate/index'

/** Envelopes as base64url. */
export interface MadeBlocks {
  readonly honest: readonly string[]
  /** Each with the sky of five seconds later. */
  readonly forged: readonly string[]
}

/** What a runtime says of one block. */
export interface Judgement {
  readonly status: string
  readonly code?: string
  /** Largest residual in arcseconds. */
  readonly worst?: number
}

const PLACES: readonly (Place | undefined)[] = [
  undefined,
  { latitude: 48.2082, longitude: 16.3738, elevation: 171 },
  { latitude: 90, longitude: 0 },
  { latitude: -89.9, longitude: 180, elevation: 2835 },
  { latitude: -33.8688, longitude: 151.2093, grid: 0.1 },
  { latitude: 0, longitude: -180, grid: 10 },
]

/** Blocks of six kinds of place through 120 years, every other one with stars. */
export async function makeBlocks(): Promise<MadeBlocks> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(7))
  const made = async (fields: Pick<BlockFields, 'time' | 'place' | 'sky'>) =>
    toBase64url((await createBlock({ embedding: [1], model: 'acme:m', ...fields }, signer)).bytes)
  const moments = Array.from({ length: 24 }, (_, i) => {
    const place = PLACES[i % PLACES.length]
    return { time: 86_400_000 + i * 157_788_000_123, stars: i % 4 < 2, ...(place && { place }) }
  })
  const [honest, forged]: [string[], string[]] = [[], []]
  for (const { stars, ...moment } of moments) {
    honest.push(await made({ ...moment, sky: { stars } }))
    forged.push(await made({ ...moment, sky: observeSky({ ...moment, time: moment.time + 5000, stars }) }))
  }
  return { honest, forged }
}

export async function judgeBlocks(envelopes: readonly string[]): Promise<readonly Judgement[]> {
  const validator = new CosmicValidator({ maxSkew: 4_102_444_800_000 })
  return Promise.all(
    envelopes.map(async envelope => {
      const verdict = await validator.validate(fromBase64url(envelope)!)
      const code = 'code' in verdict && verdict.code !== undefined ? { code: verdict.code } : {}
      const { consistent } = verdict.grades
      return { status: verdict.status, ...code, ...(consistent && { worst: consistent.worst }) }
    }),
  )
}
