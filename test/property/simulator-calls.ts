import { memoryTransport } from '../../src/adapters/transport/memory'
import { indexedDbIdentity, indexedDbKeyStore } from '../../src/adapters/keystore/indexeddb'
import { indexedDbStorage } from '../../src/adapters/storage/indexeddb'
import { miniLm } from '../../src/adapters/embedder/minilm'
import { useLite } from '../../src/adapters/embedder/use-lite'
import * as simulator from '../../src/simulator/index'
import * as testing from '../../src/testing/index'
import { signerOf } from '../tools/stored-block'
import { entry, type PublicCall } from './public-calls'

const runner = { describe: () => undefined, test: () => undefined, expect: () => ({ toBe: () => 0, toEqual: () => 0 }) }
const subject = { name: 'mine', open: async () => ({}) }

/** What `cosmic-embeddings/simulator` exports beside `simulate`, `runPlan` and `shrink`. */
export async function simulatorCalls(): Promise<PublicCall[]> {
  const plan = simulator.planOf('two-laptops-on-a-train', 1)
  const event = { n: 1, at: 2, cause: 0, type: 'dial' }
  const report = { violations: [], digest: '00', totals: {} }
  const written: string[] = []
  const writer = new simulator.RecordingWriter(plan, line => written.push(line))
  const text = written.join('\n')
  const world = await simulator.World.create({ seed: 1, signatures: 'stand-in' } as never)
  const made =
    (Class: new (...args: never[]) => unknown) =>
    (...args: never[]) =>
      void new Class(...args)
  return [
    entry('describeEvent', simulator.describeEvent, [event]),
    entry('readRecording', simulator.readRecording, [text]),
    entry('RecordingWriter', made(simulator.RecordingWriter), [plan, () => undefined]),
    entry('RecordingWriter.event', writer.event.bind(writer), [event]),
    entry('RecordingWriter.end', writer.end.bind(writer), [report]),
    entry('planOf', simulator.planOf, ['two-laptops-on-a-train', 1]),
    entry('readPlan', simulator.readPlan, [JSON.stringify(plan)]),
    entry('scenarioOf', simulator.scenarioOf, [1]),
    entry('sizeOf', simulator.sizeOf, [plan]),
    entry('SeededRandom', made(simulator.SeededRandom), [1]),
    entry('SimulatedNode', made(simulator.SimulatedNode), [world, 'a', await signerOf(1), {}]),
    entry(
      'World',
      simulator.World.create.bind(simulator.World),
      [{ seed: 1, signatures: 'stand-in' }],
      'seed timing onEvent signatures',
    ),
    entry('HostileSession', made(simulator.HostileSession), [
      { onMessage: () => 0, send: () => 0, closed: Promise.resolve() },
    ]),
  ]
}

/** What `cosmic-embeddings/testing` exports, and what runs in browsers or loads a model. */
export async function testingCalls(): Promise<PublicCall[]> {
  const signer = await signerOf(3)
  const items = (async function* () {})()
  return [
    entry(
      'openHostilePeer',
      testing.openHostilePeer,
      [{ signer, transport: memoryTransport({ name: 'hostile' }) }],
      'signer transport network',
    ),
    entry('blockStoreSuite', testing.blockStoreSuite, [runner, subject]),
    entry('embedderSuite', testing.embedderSuite, [runner, subject]),
    entry('keyValueStorageSuite', testing.keyValueStorageSuite, [runner, subject]),
    entry('transportSuite', testing.transportSuite, [runner, subject]),
    entry('collect', testing.collect, [items]),
    entry('rejection', testing.rejection, [Promise.resolve(1)]),
    entry('indexedDbStorage', indexedDbStorage, ['name', {}], 'strict cacheBytes'),
    entry('indexedDbKeyStore', indexedDbKeyStore, ['name']),
    entry('indexedDbIdentity', indexedDbIdentity, [{}]),
    // A call that takes its options loads a model.
    entry('miniLm', miniLm, [{ maxBatch: 0 }], '', { fixed: [0] }),
    entry('useLite', useLite, [{ maxBatch: 0 }], '', { fixed: [0] }),
  ]
}
