import { describe, expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { openBlock } from '../../../src/block/index'
import { Signer, verifySignature } from '../../../src/signer/index'
import { CosmicValidator, type Policy } from '../../../src/validate/index'
import type { Sky } from '../../../src/sky/index'
import { withBadSignature, withSecondSignature } from '../../tools/forge-signature'
import { alice, block, bob, clock, NOW, placeless, sealed } from './blocks'

const skied = await block()
/** Of order 4: anyone can sign for it. */
const nobody = { ...alice, did: alice.did, publicKey: new Uint8Array(32), sign: alice.sign.bind(alice) }
const others = [
  skied.bytes,
  (await block({ sky: { ...skied.sky, bodies: skied.sky!.bodies.slice(1) } as Sky })).bytes,
  (await placeless({ time: NOW + 3_600_000 })).bytes,
  (await placeless({ time: NOW - 5_000, expires: NOW - 1_000 }, bob)).bytes,
  withSecondSignature(
    await placeless({}, await Signer.fromSeed(new Uint8Array(32).fill(1))),
    new Uint8Array(32).fill(1),
  ),
]
const good: Uint8Array[] = []
for (let i = 0; i < 40; i++) good.push((await placeless({ embedding: [i, 2] }, i % 2 ? alice : bob)).bytes)
const opened = (envelopes: readonly Uint8Array[]) => envelopes.map(bytes => unwrap(openBlock(bytes)))

describe('blocks that are judged together', () => {
  test.each<[string, Policy]>([
    ['no policy', { clock }],
    ['a list of authors', { clock, authors: { deny: [bob.did] } }],
    ['a rule', { clock, rules: [{ when: { authors: [bob.did] }, require: { consistent: true } }] }],
    [
      'a function that answers late',
      { clock, admit: async ({ author }) => (await Promise.resolve(author)) === alice.did },
    ],
  ])('are judged as each is alone: %s', async (_, policy) => {
    const forged = withBadSignature(await placeless())
    const unnamed = await sealed(unwrap(openBlock((await placeless({}, nobody)).bytes)).payload)
    const validator = new CosmicValidator(policy)
    const checking = new CosmicValidator(policy, { verify: verifySignature })
    for (const mix of [[...others, ...good], [...good, forged, ...others, unnamed], [forged], []]) {
      const alone = await Promise.all(mix.map(bytes => validator.validate(bytes)))
      const codes = alone.map(verdict => 'code' in verdict && verdict.code)
      if (mix.includes(unnamed)) expect(codes).toEqual(expect.arrayContaining(['bad-author-key', 'bad-signature']))
      expect(await validator.validateOpened(opened(mix))).toEqual(alone)
      expect(await checking.validateOpened(opened(mix))).toEqual(alone)
    }
  })
})
