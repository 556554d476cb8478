import { createBlock, signSights, type EmbeddingBlock, type SightsClaim } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import type { Place, Sight } from '../../../src/sky/index'
import { sightOf } from '../sky/sight-samples'

export const author = await Signer.fromSeed(new Uint8Array(32).fill(1))
export const device = await Signer.fromSeed(new Uint8Array(32).fill(2))
export const vienna: Place = { latitude: 48.2082, longitude: 16.3738 }
/** Sun, Moon and planets are up in Vienna. */
export const time = Date.UTC(2026, 5, 21, 13)

/** Flawless sights from a place: enough for a fix that is not ambiguous. */
export function observedAt(place: Place): Sight[] {
  return [
    sightOf('sun', time - 3_600_000, place),
    sightOf('moon', time, place),
    sightOf('venus', time, place),
    sightOf('sun', time + 7_200_000, place),
  ]
}

/** A block that claims a place, with sights taken at `from`, signed for `claim` or for what the block says. */
export async function sightedBlock(
  from: Place,
  place: Place = from,
  sights: readonly Sight[] = observedAt(from),
): Promise<EmbeddingBlock> {
  const claim: SightsClaim = { author: author.did, time, place }
  const fields = { embedding: [1, 2, 3], model: 'acme:embed-1', time, place, sky: false } as const
  return createBlock({ ...fields, sights: await signSights(sights, claim, device) }, author)
}
