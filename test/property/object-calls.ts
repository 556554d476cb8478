import * as root from '../../src/index'
import { sampleBlock, signerOf } from '../tools/stored-block'
import { entry, type PublicCall } from './public-calls'

const sights: root.Sight[] = [{ body: 'vega', time: 0, altitude: 40, sigma: 0.1 }]

/** What the root exports beside, and the methods of the objects that its functions answer. */
export async function objectCalls(client: root.SyncClient): Promise<PublicCall[]> {
  const signer = await signerOf(4)
  const [first, second] = [await sampleBlock({ text: 'first' }), await sampleBlock({ text: 'second', time: 1_000_001 })]
  const store = await root.openBlockStore(root.memoryStorage())
  const engine = await root.openSearch(store)
  const own = await root.createBlock({ embedding: [0.6, 0.8], model: 'test:two' }, await root.Signer.generate())
  await client.publish(own)
  const history = (await client.history(own.id))!
  const identities = new root.Identities()
  const validator = new root.CosmicValidator()
  const pairs = { from: Array.from({ length: 20 }, (_, i) => [1, i]), to: Array.from({ length: 20 }, (_, i) => [i, 1]) }
  const translator = await root.fitTranslator({ from: 'a:b', to: 'c:d', pairs })
  const key = await root.EncryptionKey.generate()
  const keyStore = { load: async () => undefined, save: async () => {} }
  const claim = { author: signer.did, time: 0, place: { latitude: 1, longitude: 2 } }
  const of = <T extends object>(
    name: string,
    object: T,
    method: keyof T & string,
    ...rest: [readonly unknown[], string?]
  ) => entry(`${name}.${method}`, (object[method] as (...args: never[]) => unknown).bind(object), ...rest)
  return [
    of('history', history, 'resolve', [() => undefined]),
    of('history', history, 'get', [own.id]),
    of('history', history, 'ancestors', [own.id]),
    of('history', history, 'successors', [own.id]),
    of('history', history, 'diff', [own.id, own.id]),
    of('history', history, 'blocks', [[own.id]]),
    of('identities', identities, 'note', [first]),
    of('identities', identities, 'resolve', [signer.did]),
    of('identities', identities, 'sameIdentity', [signer.did, signer.did]),
    of('identities', identities, 'objection', [first]),
    of('identities', identities, 'forgets', [signer.did]),
    of('identities', identities, 'rotatedBy', [signer.did]),
    of('validator', validator, 'withEvidence', [{}]),
    of('validator', validator, 'regrade', [first, {}]),
    of('validator', validator, 'affectedBy', [first]),
    of(
      'engine',
      engine,
      'search',
      [{ model: 'test:model', vector: [1, 2, 3] }],
      'model vector k where minScore metric mode recall signal',
    ),
    of('engine', engine, 'look', []),
    of('EncryptionKey', key, 'save', [keyStore]),
    entry('CosmicError', (...args: never[]) => new root.CosmicError(...(args as unknown as [root.Failure])), [
      { code: 'limit' },
    ]),
    entry('describe', root.describe, [{ code: 'limit' }]),
    entry('unwrap', root.unwrap, [root.ok(1)]),
    entry('fail', root.fail, [{ code: 'limit' }]),
    entry('ok', root.ok, [1]),
    entry('signSights', root.signSights, [sights, claim, signer]),
    entry('translate', root.translate, [translator, [1, 2]]),
    entry('translatorParts', root.translatorParts, [translator]),
    entry('blockVector second', root.blockVector, [second]),
  ]
}
