import { clock } from '#platform'
import { checkNames, CosmicError, isCoarse, isObject, loadOnce, unwrap } from '../base/index'
import type { SigningIdentity } from '../signer/index'
import type { Place, Sky } from '../sky/index'
import type {
  BlockFields,
  EmbedderFields,
  InclusionFields,
  KeywrapFields,
  ProfileFields,
  RetractionFields,
  RotationFields,
  SealedFields,
  SharedFields,
  TimeProofFields,
  TranslatorFields,
  VectorFields,
  WitnessFields,
} from './block-fields'
import { openOwned } from './decode-block'
import { sealEnvelope, SIGNATURE_LENGTH } from './envelope'
import type { InclusionBlock, TimeProofBlock, WitnessBlock } from './evidence-types'
import { FIELD_NAMES } from './field-names'
import { toBeacon } from './fields/beacon'
import { roundToWire } from './fields/place'
import { ownFields } from './own-fields'
import { writePayload } from './payload'
import type { ProfileBlock, RotationBlock } from './identity-types'
import type { RetractionBlock } from './retraction-types'
import type { KeywrapBlock, SealedBlock } from './sealed-types'
import { FORMAT_VERSION, type Block, type CommonFields, type EmbeddingBlock, type TranslatorBlock } from './types'

/**
 * Makes and signs a block: from a vector and the id of its model, from an `embedder` and a text, from a part of a
 * translator, from a profile, from a retraction, from evidence about another block or, by a recovery key, from a rotation
 * (docs/identity.md). With `recipients` vector and text are sealed for these (docs/sealed-blocks.md). With a place the sky of that time and place is computed and signed too (`sky: false` leaves it out); without
 * one `sky: true` signs the geocentric sky. A sky shows that the claim is consistent, not that it is true.
 *
 * Rejects a `CosmicError` that names the field: `non-finite`, `wrong-length`, `out-of-range`, `bad-model-id`, `too-large`, …;
 * `no-embedder` for a text without vector and embedder; `embedder` when the model fails.
 *
 * @example
 * ```ts
 * const block = await createBlock(
 *   {
 *     embedding: [0.1, -0.4, 0.2],
 *     model: 'acme:embed-1',
 *     input: { type: 'text', content: 'Water boils at 100 °C.' },
 *     tags: ['physics'],
 *   },
 *   signer,
 * )
 * block.id // bafyrei…
 * ```
 */
export async function createBlock(
  fields: VectorFields | EmbedderFields,
  signer: SigningIdentity,
): Promise<EmbeddingBlock>
export async function createBlock(fields: SealedFields, signer: SigningIdentity): Promise<SealedBlock>
export async function createBlock(fields: TranslatorFields, signer: SigningIdentity): Promise<TranslatorBlock>
export async function createBlock(fields: ProfileFields, signer: SigningIdentity): Promise<ProfileBlock>
export async function createBlock(fields: RotationFields, signer: SigningIdentity): Promise<RotationBlock>
export async function createBlock(fields: RetractionFields, signer: SigningIdentity): Promise<RetractionBlock>
export async function createBlock(fields: KeywrapFields, signer: SigningIdentity): Promise<KeywrapBlock>
export async function createBlock(fields: WitnessFields, signer: SigningIdentity): Promise<WitnessBlock>
export async function createBlock(fields: InclusionFields, signer: SigningIdentity): Promise<InclusionBlock>
export async function createBlock(fields: TimeProofFields, signer: SigningIdentity): Promise<TimeProofBlock>
export async function createBlock(fields: BlockFields, signer: SigningIdentity): Promise<Block>
export async function createBlock(fields: BlockFields, signer: SigningIdentity): Promise<Block> {
  if (!isObject(fields)) throw new CosmicError({ code: 'bad-type', field: 'fields', hint: 'the fields of a block' })
  if (!isObject(signer)) throw new CosmicError({ code: 'bad-type', field: 'signer', hint: 'a Signer' })
  checkNames(fields, FIELD_NAMES)
  const time = milliseconds(fields.time ?? clock.now())
  const { kind, own } = await ownFields(fields, signer.publicKey)
  const common = await commonFields(fields, time)
  if (common.sights) await checkSights(fields, { ...common, time, author: signer.did })
  const head = { version: FORMAT_VERSION, kind, author: signer.publicKey, time }
  return sign(writePayload(head, { ...common, ...own }), signer)
}

/**
 * The block is read back from its envelope before it is signed, so that nothing is signed that would be refused; the
 * signature then takes its place in those same bytes, before anyone sees them.
 */
async function sign(payload: Uint8Array, signer: SigningIdentity): Promise<Block> {
  const draft = unwrap(openOwned(sealEnvelope(payload, new Uint8Array(SIGNATURE_LENGTH))))
  const signature = await signer.sign(draft.toBeSigned)
  if (signature.length !== SIGNATURE_LENGTH) {
    throw new CosmicError({ code: 'bad-signature', limit: SIGNATURE_LENGTH, hint: 'the signer must give 64 bytes' })
  }
  draft.signature.set(signature)
  return draft.block
}

async function commonFields(fields: SharedFields, time: number): Promise<CommonFields> {
  const place = fields.place === undefined ? undefined : roundToWire(fields.place)
  const sky = await skyOf(fields.sky ?? place !== undefined, time, place)
  return {
    ...(place && { place }),
    ...(sky && { sky }),
    ...unlessEmpty('tags', fields.tags),
    ...unlessEmpty('links', fields.links),
    ...unlessEmpty('supersedes', fields.supersedes),
    ...(fields.expires !== undefined && { expires: milliseconds(fields.expires) }),
    ...(fields.beacon && { beacon: toBeacon(fields.beacon) }),
    ...(fields.sights && { sights: fields.sights }),
    ...(fields.extensions && { extensions: fields.extensions }),
  }
}

/** Whoever states a coarse place does not mean to tell the true one, and nobody means to sign foreign sights. */
async function checkSights(
  { allowSightsWithCoarsePlace = false }: SharedFields,
  { sights, place, time, author }: CommonFields & { readonly time: number; readonly author: string },
): Promise<void> {
  if (place === undefined)
    throw new CosmicError({ code: 'missing-field', field: 'place', hint: 'sights are for a place' })
  if (isCoarse(place) && !allowSightsWithCoarsePlace) {
    const message = 'sights give the true place away, which a coarse place is to hide'
    throw new CosmicError({ code: 'reveals-place', field: 'sights', message, hint: 'allowSightsWithCoarsePlace: true' })
  }
  const { checkOwnSights } = await observations()
  await checkOwnSights(sights!, { author, time, place })
}

const observations = /* @__PURE__ */ loadOnce(() => import('./sign-sights'))

/** An empty list has no wire form: it is the absence of the field. */
function unlessEmpty<K extends string, T>(key: K, items: readonly T[] | undefined): { [P in K]?: readonly T[] } {
  return items?.length === 0 || items === undefined ? {} : ({ [key]: items } as { [P in K]: readonly T[] })
}

/** Loaded on first use: it is most of what a block without a sky would not need. */
const astronomy = /* @__PURE__ */ loadOnce(() => import('../sky/index'))

async function skyOf(wish: SharedFields['sky'], time: number, place: Place | undefined): Promise<Sky | undefined> {
  if (!wish) return undefined
  if (wish !== true && !(isObject(wish) && 'stars' in wish)) return wish as Sky
  const { observeSky } = await astronomy()
  return observeSky({ time, place, stars: wish !== true && wish.stars })
}

function milliseconds(time: number | Date): number {
  return time instanceof Date ? time.getTime() : time
}
