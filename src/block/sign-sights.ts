import { CosmicError, encodeCanonical, fields, having, refuse, unwrap, type CborValue } from '../base/index'
import { parseDidKey, verifySignature, type SigningIdentity } from '../signer/index'
import type { Place, Sight } from '../sky/index'
import { place as placeCodec, roundToWire } from './fields/place'
import { sightList } from './fields/sights'
import type { SignedSight, SignedSights } from './sights-types'

/** The block that sights are for. */
export interface SightsClaim {
  /** did:key of the block's author. */
  readonly author: string
  /** As in the block: milliseconds since the Unix epoch, or a `Date`. */
  readonly time: number | Date
  /** As in the block; of a coarse place the grid point is signed. */
  readonly place: Place
}

/** Sets these signatures apart from all others by the same key. */
const DOMAIN = 'cosmic-embeddings/sights/1'

const readDevice = /* @__PURE__ */ having<SigningIdentity>('a Signer: await Signer.generate()', 'sign')

/**
 * Signs sights with the key of the device that took them, for one block: they prove nothing in a block of another author,
 * time or place. Angles are rounded to 0.1″ first. Sights tell where they were taken, to their accuracy.
 *
 * Rejects a `CosmicError` that names the field: `non-finite`, `out-of-range`, `bad-value` (a body twice at one time), ….
 *
 * @example
 * ```ts
 * const claim = { time: Date.UTC(2026, 0, 1, 20), place: { latitude: 48.2, longitude: 16.37 } }
 * const sights = await signSights(observed, { ...claim, author: signer.did }, device)
 * const block = await createBlock({ ...fields, ...claim, sights }, signer)
 * ```
 */
export async function signSights(
  sights: readonly Sight[],
  claim: SightsClaim,
  device: SigningIdentity,
): Promise<SignedSights> {
  checkList(sights, 'sights')
  fields(claim, 'claim')
  readDevice(device, 'device')
  const timed = sights.map(({ limb, corrected, ...sight }) => ({
    ...sight,
    time: Number(sight.time),
    // What is written by absence.
    ...(limb !== 'centre' && { limb }),
    ...(corrected && { corrected }),
  }))
  const rounded = sightList.read(sightList.write(timed, 'sights'), 'sights')
  const signature = await device.sign(sightsMessage(rounded, claim))
  return { device: device.did, signature, sights: rounded }
}

/** Whether the device signed these sights for this block. It says nothing about who the device is. */
export async function verifySights({ device, signature, sights }: SignedSights, claim: SightsClaim): Promise<boolean> {
  return verifySignature(unwrap(parseDidKey(device)), sightsMessage(sights, claim), signature)
}

/** Throws `bad-signature` for sights that are not signed for this block: its author would publish evidence against himself. */
export async function checkOwnSights(sights: SignedSights, claim: SightsClaim): Promise<void> {
  const { device, signature } = fields(sights, 'sights')
  if (typeof device !== 'string') refuse('bad-type', 'sights.device', 'did:key:z6Mk…')
  if (!(signature instanceof Uint8Array)) refuse('bad-type', 'sights.signature', 'bytes')
  checkList(sights.sights, 'sights.sights')
  if (await verifySights(sights, claim)) return
  throw new CosmicError({
    code: 'bad-signature',
    field: 'sights.signature',
    hint: 'sign the sights for this author, time and place',
  })
}

function checkList(sights: unknown, field: string): void {
  if (!Array.isArray(sights)) refuse('bad-type', field, 'a list')
  sights.forEach((sight, i) => fields(sight, `${field}[${i}]`))
}

/** The canonical bytes of `[domain, author, time, place, list]`, each as it stands in the payload. */
function sightsMessage(sights: readonly SignedSight[], { author, time, place }: SightsClaim): Uint8Array {
  const message: CborValue = [
    DOMAIN,
    unwrap(parseDidKey(author)),
    Number(time),
    placeCodec.write(roundToWire(place), 'place'),
    sightList.write(sights, 'sights'),
  ]
  return encodeCanonical(message)
}
