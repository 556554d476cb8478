import { join } from 'node:path'
import * as root from '../../src/index'
import { fromAiSdk, fromLangChain, fromOllama, fromOpenAI, fromTransformers } from '../../src/adapters/embedder/from'
import { encryptedFileKeyStore, fileKeyStore } from '../../src/adapters/keystore/file'
import { lmdbStorage, salvageLmdb } from '../../src/adapters/storage/lmdb'
import { postgresStore } from '../../src/adapters/storage/postgres'
import { httpTransport } from '../../src/adapters/transport/http'
import { memoryTransport } from '../../src/adapters/transport/memory'
import { natsCarrier } from '../../src/adapters/transport/nats'
import { webRtcTransport, webSocketSignaling } from '../../src/adapters/transport/webrtc'
import { webSocketTransport } from '../../src/adapters/transport/websocket'
import { observeSky } from '../../src/sky/index'
import { runPlan, shrink, simulate } from '../../src/simulator/index'
import { signerOf } from '../tools/stored-block'

/** A public method, arguments that it takes, and what its options are called. */
export interface PublicCall {
  readonly name: string
  readonly call: (...args: never[]) => unknown
  readonly args: readonly unknown[]
  /** The last argument, if it has options. */
  readonly options: readonly string[]
  /** Arguments that are left as they are: junk in their place would be a folder or a server to go to. */
  readonly fixed: readonly number[]
  /** Called with what it waits for, it waits. */
  readonly waits: boolean
}

type About = Partial<Pick<PublicCall, 'fixed' | 'waits'>>
export const entry = (
  name: string,
  call: (...args: never[]) => unknown,
  args: readonly unknown[],
  options = '',
  about: About = {},
): PublicCall => ({
  ...{ name, call, args, options: options === '' ? [] : options.split(' '), fixed: [], waits: false },
  ...about,
})

const signer = await signerOf(1)
const block = await root.createBlock({ embedding: [0.6, 0.8], model: 'test:two', tags: ['a'] }, signer)
const store = await root.openBlockStore(root.memoryStorage())
const seed = new Uint8Array(32).fill(7)
const keyStore = { load: async () => seed, save: async () => {} }

/** The methods of a client. */
export function clientCalls(client: root.SyncClient): PublicCall[] {
  const of = <K extends keyof root.SyncClient>(
    name: K,
    ...rest: [args: readonly unknown[], options?: string, about?: About]
  ) => entry(`client.${String(name)}`, (client[name] as (...args: never[]) => unknown).bind(client), ...rest)
  const where = { tags: ['a'] }
  return [
    of('on', ['block', () => 0]),
    of('connect', ['memory://nobody', {}], 'peer signal'),
    of('disconnect', ['memory://nobody']),
    of('publish', [block]),
    of('get', [block.id, {}], 'admitted'),
    of('history', [block.id, {}], 'limit signal admitted'),
    of('retract', ['bafyreiabc', {}], 'unheld'),
    of('identity', [signer.did]),
    of(
      'search',
      [[0.6, 0.8], { model: 'test:two', where }],
      'model k where translate versions hybrid minScore metric mode recall offset perAuthor diversity signal',
    ),
    of('search', [[0.6, 0.8], { model: 'test:two' }]),
    of('subscribe', [where, {}], 'after signal'),
    of('export', [{ where }], 'where after onProgress signal'),
    of('import', [new Uint8Array(9), {}], 'offset onProgress signal'),
    of('copyFrom', [store, {}], 'after onProgress signal'),
    of('fitTranslator', [{ from: 'a:b', to: 'c:d' }], 'from to authors signal onProgress'),
    of('waitForSync', [{}], 'peers signal', { waits: true }),
    of('setInterests', [[where]]),
  ]
}

/** What the root exports, and what the subpaths do. */
export async function otherCalls(folder: string): Promise<PublicCall[]> {
  const { Signer, EncryptionKey, CosmicValidator, SyncClient } = root
  const fields = { embedding: [1, 0], model: 'test:two', input: { type: 'text', content: 'x' } }
  const key = await EncryptionKey.generate()
  const sealed = await root.createBlock({ embedding: [1, 0], model: 'test:two', recipients: [key.publicKey] }, signer)
  const model = { dimensions: 2, modelId: 'a:b' }
  const construct =
    (Made: new (...args: never[]) => unknown) =>
    (...args: never[]) =>
      new Made(...args)
  const validator = new CosmicValidator()
  return [
    entry(
      'new SyncClient',
      construct(SyncClient),
      [{ signer }],
      'signer storage transports carriers embedder validator network timing ports',
    ),
    entry('createBlock', root.createBlock, [fields, signer]),
    entry(
      'createBlock fields',
      (given: never) => root.createBlock(given, signer),
      [fields],
      'time place sky tags links supersedes expires beacon sights extensions embedding model element input',
    ),
    entry('createWitness', root.createWitness, [[block.id], signer, {}]),
    entry('decodeBlock', root.decodeBlock, [block.bytes]),
    entry('blockVector', root.blockVector, [block]),
    entry('toJSON', root.toJSON, [block]),
    entry('fromJSON', root.fromJSON, [root.toJSON(block)]),
    entry('parseModelId', root.parseModelId, ['a:b']),
    entry('recoveryCommitment', root.recoveryCommitment, [signer.publicKey]),
    entry('exportCar', root.exportCar, [[block], {}], 'offset signal'),
    entry('importCar', root.importCar, [block.bytes, {}], 'offset onProgress signal'),
    entry('openSealed', root.openSealed, [sealed, [key], {}], 'keywraps'),
    entry('shareSealed', root.shareSealed, [sealed, [key], [key.publicKey], signer, {}], 'keywraps time random'),
    entry('Signer.generate', Signer.generate, [{}], 'random'),
    entry('Signer.fromSeed', Signer.fromSeed, [seed]),
    entry('Signer.generatePhrase', Signer.generatePhrase, [{}], 'random'),
    entry('Signer.fromPhrase', Signer.fromPhrase, ['abandon', {}], 'role'),
    entry('Signer.importKey', Signer.importKey, [await signer.exportKey('pkcs8')]),
    entry('Signer.load', Signer.load, [keyStore]),
    entry('Signer.loadOrGenerate', Signer.loadOrGenerate, [keyStore, {}], 'random'),
    entry('signer.sign', signer.sign.bind(signer), [seed]),
    entry('signer.save', signer.save.bind(signer), [keyStore]),
    entry('signer.exportKey', signer.exportKey.bind(signer), ['jwk']),
    entry('EncryptionKey.generate', EncryptionKey.generate, [{}], 'random'),
    entry('EncryptionKey.fromSeed', EncryptionKey.fromSeed, [seed]),
    entry('EncryptionKey.load', EncryptionKey.load, [keyStore]),
    entry('EncryptionKey.loadOrGenerate', EncryptionKey.loadOrGenerate, [keyStore, {}], 'random'),
    entry('encryptSeed', root.encryptSeed, [seed, 'passphrase', { cost: 14 }], 'cost random'),
    entry('decryptSeed', root.decryptSeed, [seed, 'passphrase']),
    entry('didKey', root.didKey, [signer.publicKey]),
    entry('parseDidKey', root.parseDidKey, [signer.did]),
    entry('externalSigner', root.externalSigner, [signer]),
    entry('exportPublicKey', root.exportPublicKey, [signer.publicKey, 'jwk']),
    entry('importPublicKey', root.importPublicKey, ['']),
    entry('verifySignature', root.verifySignature, [signer.publicKey, seed, new Uint8Array(64)]),
    entry('new CosmicValidator', construct(CosmicValidator), [{}, {}], 'evidence explain verify'),
    entry(
      'new CosmicValidator policy',
      construct(CosmicValidator),
      [{}],
      'maxSkew authors models endedKeys kinds beacons proofs regions require rules admit clock',
    ),
    entry('validator.validate', validator.validate.bind(validator), [block.bytes, {}]),
    entry('verifyBlocks', root.verifyBlocks, [[block.bytes], {}], 'signal onProgress concurrency'),
    entry('verifyBeacon', root.verifyBeacon, [{ chain: '00', round: 1, signature: '00' }, {}], 'chains'),
    entry('new Identities', construct(root.Identities), [{}], 'limit'),
    entry('resolveIdentity', root.resolveIdentity, [signer.did, [block]]),
    entry('openTimestamps', root.openTimestamps, [{ header: async () => undefined }]),
    entry(
      'fitTranslator',
      root.fitTranslator,
      [{ from: 'a:b', to: 'c:d', pairs: { from: [[1]], to: [[1]] } }, {}],
      'signal onProgress',
    ),
    entry('assembleTranslator', root.assembleTranslator, [[]]),
    entry(
      'openBlockStore',
      root.openBlockStore,
      [root.memoryStorage(), {}],
      'onDamage cacheBytes waitingRetractions waitingRetractionsPerAuthor random',
    ),
    entry(
      'openSearch',
      root.openSearch,
      [store, {}],
      'pause clock timers module vectors predicates predicatesVersion clustersFrom persist saveFrom worker maxBytes onError signal',
    ),
    entry('observeSky', observeSky, [{ time: 0 }]),
    entry('lmdbStorage', lmdbStorage, [join(folder, 'lmdb'), {}], 'verify', { fixed: [0] }),
    entry('salvageLmdb', salvageLmdb, [join(folder, 'none'), {}], 'signal onProgress', { fixed: [0] }),
    entry(
      'postgresStore',
      postgresStore,
      ['postgres://a@127.0.0.1:1/a', {}],
      'schema follow vectors indexFrom statementTimeout waitingRetractions waitingRetractionsPerAuthor onDamage',
      { fixed: [0] },
    ),
    entry('fileKeyStore', fileKeyStore, [join(folder, 'key')]),
    entry('encryptedFileKeyStore', encryptedFileKeyStore, [join(folder, 'key'), 'passphrase', {}], 'cost random'),
    entry('memoryTransport', memoryTransport, [{}], 'network name'),
    entry('webSocketTransport', webSocketTransport, [{}], 'listen timeoutMs'),
    entry('httpTransport', httpTransport, [{}], 'listen timeoutMs headers fetch'),
    entry(
      'webRtcTransport',
      webRtcTransport,
      [{ signaling: 'ws://127.0.0.1:1', room: 'r' }],
      'signaling room iceServers iceTransportPolicy candidateFilter timeoutMs maxHalfOpen maxConnections retryMs',
    ),
    entry('webSocketSignaling', webSocketSignaling, ['ws://127.0.0.1:1', {}], 'timeoutMs'),
    entry(
      'natsCarrier',
      natsCarrier,
      [{ servers: 'nats://127.0.0.1:1' }],
      'servers connection stream replicas maxAgeMs maxBytes timeoutMs',
    ),
    entry(
      'fromAiSdk',
      fromAiSdk,
      [{ provider: 'a', modelId: 'b', doEmbed: async () => ({ embeddings: [] }) }, model],
      'modelId dimensions maxBatch prefix',
    ),
    entry(
      'fromLangChain',
      fromLangChain,
      [{ embedDocuments: async () => [], embedQuery: async () => [] }, model],
      'modelId dimensions maxBatch prefix',
    ),
    entry(
      'fromOpenAI',
      fromOpenAI,
      [{ embeddings: { create: async () => ({ data: [] }) } }, { model: 'b', dimensions: 2 }],
      'model dimensions maxBatch prefix shorten modelId',
    ),
    entry(
      'fromOllama',
      fromOllama,
      [{ embed: async () => ({ embeddings: [] }) }, { model: 'b', dimensions: 2 }],
      'model dimensions maxBatch prefix shorten modelId',
    ),
    entry(
      'fromTransformers',
      fromTransformers,
      [async () => ({ tolist: () => [] }), model],
      'modelId dimensions maxBatch prefix pooling normalize',
    ),
    entry('simulate', simulate, [{ seed: -1 }], 'onEvent node check scenario signatures', { fixed: [] }),
    entry('runPlan', runPlan, [{}, {}], 'onEvent node check'),
    entry('shrink', shrink, [{}, {}], 'onEvent node check runs onSmaller signal'),
  ]
}
