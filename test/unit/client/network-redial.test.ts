import { clock, random } from '#platform'
import { expect, onTestFinished, test } from 'vitest'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'
import { Network } from '../../../src/client/network'
import { REDIAL_FIRST_MS, REDIAL_MAX_MS, STEADY_MS } from '../../../src/client/redial'
import { Signer } from '../../../src/signer/index'
import { ItemTree } from '../../../src/sync/index'
import { ManualTimers } from '../wire/connection-pair'
import { RawPeer } from './raw-peer'

/** A network whose time stands still, connected to a listener that the test plays; `wait` is the next redial's, in milliseconds. */
async function setUp(play: (peer: RawPeer) => Promise<void>) {
  const network = memoryNetwork()
  const signer = await Signer.generate()
  const listener = await memoryTransport({ network, name: 'listener' }).listen!(connection => {
    void RawPeer.over(connection, signer).then(play)
  })
  const timers = new ManualTimers()
  let ended: (() => void) | undefined
  const ignore = () => {}
  const dialler = new Network({
    signer: await Signer.generate(),
    transports: [memoryTransport({ network, name: 'dialler' })],
    network: 'cosmic',
    set: new ItemTree(),
    bounds: () => ({ floor: 0, ceiling: 1 }),
    host: { load: () => Promise.resolve([]), ingest: () => Promise.resolve([]) },
    session: { identify: () => ({ ok: true, value: '' }), kinds: [], software: 'test/1' },
    ports: { timers, random, clock },
    events: {
      ...{ onConnected: ignore, onProgress: ignore, onRefused: ignore, onRetry: ignore, onChange: ignore },
      onDisconnected: () => ended?.(),
    },
  })
  onTestFinished(async () => {
    await Promise.all([dialler.close(), listener.close()])
  })
  const end = () => new Promise<void>(resolve => (ended = resolve))
  const round = async (dial: () => unknown) => {
    const over = end()
    dial()
    await over
    await new Promise(setImmediate)
    return [...timers.pending].find(({ milliseconds }) => milliseconds >= REDIAL_FIRST_MS / 2)!
  }
  return { dialler, timers, round }
}

/** The waits before the next `count` dials. */
async function waits(count: number, play: (peer: RawPeer) => Promise<void>): Promise<number[]> {
  const { dialler, timers, round } = await setUp(play)
  const found: number[] = []
  let next = await round(() => void dialler.connect('memory://listener'))
  for (let i = 0; i < count; i++) {
    found.push(next.milliseconds)
    timers.pending.delete(next)
    next = await round(() => next.callback())
  }
  return found
}

function expectToGrow(found: readonly number[]): void {
  for (const [i, wait] of found.entries()) {
    const step = Math.min(REDIAL_MAX_MS, REDIAL_FIRST_MS * 2 ** i)
    expect(wait).toBeGreaterThanOrEqual(step / 2)
    expect(wait).toBeLessThanOrEqual(step)
  }
}

test('a listener that greets and says bye is dialled ever more rarely', async () => {
  expectToGrow(await waits(9, peer => peer.send({ type: 'bye', code: 'limit' })))
})

test('so is one that superseded this agent after a whole audit, as another machine with the same key makes it do', async () => {
  expectToGrow(
    await waits(5, async peer => {
      await peer.answerAudit()
      await peer.send({ type: 'bye', code: 'peer-gone' })
    }),
  )
})

test('a cut before the first audit is over makes the next wait longer, one after it does not', async () => {
  expectToGrow(await waits(4, peer => peer.channel.close()))
  const found = await waits(4, async peer => {
    await peer.answerAudit()
    await peer.channel.close()
  })
  expect(Math.max(...found)).toBeLessThanOrEqual(REDIAL_FIRST_MS)
})

test(`a session that stood for ${STEADY_MS} ms makes the waits short again`, async () => {
  let sessions = 0
  let connected: ((peer: RawPeer) => void) | undefined
  const { dialler, timers, round } = await setUp(async peer => {
    if (++sessions < 4) await peer.send({ type: 'bye', code: 'limit' })
    else connected?.(peer)
  })
  let next = await round(() => void dialler.connect('memory://listener'))
  for (let i = 0; i < 2; i++) {
    timers.pending.delete(next)
    next = await round(() => next.callback())
  }
  timers.pending.delete(next)
  const again = await round(() => {
    connected = peer => {
      const steady = [...timers.pending].filter(({ milliseconds }) => milliseconds === STEADY_MS)
      steady.forEach(timer => timer.callback())
      void peer.send({ type: 'bye', code: 'limit' })
    }
    next.callback()
  })
  expect(again.milliseconds).toBeLessThanOrEqual(REDIAL_FIRST_MS)
})
