import { describe, expect, test } from 'vitest'
import { Cid, unwrap, type CborValue } from '../../../src/base/index'
import { createBlock, decodeBlock, fromJSON, KNOWN_KINDS, LIMITS, toJSON } from '../../../src/block/index'
import { base, refusal, signer, time } from './making'
import { changed, envelopeOf, expectRefusal, type Deviation, type Wire } from './payloads'

const cid = (number: number) => unwrap(Cid.parse(Cid.fromDigest(new Uint8Array(32).fill(number)).toString()))
const target = cid(7)
const RETRACTION: Wire = {
  v: 1,
  kind: 'retraction',
  author: new Uint8Array(32).fill(9),
  time: 1_700_000_000_000,
  retraction: { block: target as CborValue },
}

describe('kind retraction', () => {
  test('is known, read and written, with what its target superseded', async () => {
    expect(KNOWN_KINDS).toContain('retraction')
    const { id, supersedes } = await createBlock({ ...base, supersedes: [cid(1).toString()] }, signer)
    const block = await createBlock({ retraction: { block: id }, supersedes: supersedes!, time }, signer)
    expect(block).toMatchObject({ kind: 'retraction', author: signer.did, retraction: { block: id }, supersedes })
    expect(unwrap(decodeBlock(block.bytes))).toEqual(block)
    expect(unwrap(fromJSON(JSON.parse(JSON.stringify(toJSON(block)))))).toEqual(block)
  })

  test('takes the most versions that a block may supersede', () => {
    const most = Array.from({ length: LIMITS.supersedes }, (_, i) => Cid.fromDigest(new Uint8Array(32).with(0, i)))
    const read = unwrap(decodeBlock(envelopeOf({ ...RETRACTION, supersedes: most })))
    expect(read).toMatchObject({ retraction: { block: target.toString() } })
    expect('supersedes' in read && read.supersedes?.length).toBe(LIMITS.supersedes)
  })

  test.each<Deviation>([
    ['missing-field', 'retraction', 'retraction', undefined],
    ['missing-field', 'retraction.block', 'retraction.block', undefined],
    ['bad-type', 'retraction.block', 'retraction.block', target.toString()],
    ['unknown-field', 'retraction.why', 'retraction.why', 'wrong'],
    ['unknown-field', 'embedding', 'embedding', 1],
    ['unknown-field', 'expires', 'expires', 1_800_000_000_000],
    ['bad-value', 'supersedes[1]', 'supersedes', [cid(1), target]],
  ])('is refused: %s at %s', (code, field, path, value) => expectRefusal(changed(RETRACTION, path, value), code, field))

  test('is judged before it is signed', async () => {
    const id = target.toString()
    expect(await refusal({ retraction: {} })).toMatchObject({ code: 'missing-field', field: 'retraction.block' })
    expect(await refusal({ retraction: { block: 'bafy' } })).toMatchObject({ code: 'bad-cid' })
    expect(await refusal({ retraction: { block: id }, expires: time + 1, time })).toMatchObject({ field: 'expires' })
    expect(await refusal({ retraction: { block: id }, supersedes: [id] })).toMatchObject({ field: 'supersedes[0]' })
  })
})
