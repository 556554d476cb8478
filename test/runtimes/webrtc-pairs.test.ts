import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSignalingServer, type SignalingServer } from '../../src/surfaces/signaling/index'
import { CHROMIUM_PATH } from '../tools/chromium.mjs'
import { FIREFOX_PATH } from '../tools/firefox.mjs'
import { TURN_PATH } from '../tools/servers.mjs'
import { startTurnServer, type TurnServer } from '../tools/turn-server'
import { browserAgents, ownAddresses, processAgents, type AgentRuntime } from './agents'

const ALL = [
  { name: 'Node', file: process.execPath, open: () => processAgents(process.execPath, []) },
  { name: 'Chromium', file: CHROMIUM_PATH, open: () => browserAgents('Chromium') },
  { name: 'Firefox', file: FIREFOX_PATH, open: () => browserAgents('Firefox') },
]
const here = ALL.filter(({ name, file }) => {
  if (existsSync(file)) return true
  console.warn(`\n*** SKIPPED: WebRTC with ${name}: no ${file} ***\n`)
  return false
})
const hasRelay = existsSync(TURN_PATH)
if (!hasRelay) console.warn(`\n*** SKIPPED: WebRTC through a TURN relay: no ${TURN_PATH} ***\n`)

const runtimes = new Map<string, AgentRuntime>()
let service: SignalingServer

beforeAll(async () => {
  service = await createSignalingServer()
  for (const { name, open } of here) runtimes.set(name, await open())
}, 90_000)
afterAll(async () => {
  for (const runtime of runtimes.values()) await runtime.close()
  await service.close()
})

describe('two agents sync over WebRTC', () => {
  // The newcomer dials: both orders of two runtimes are different meetings.
  for (const { name: first } of here) {
    for (const { name: second } of here) {
      test(`${first} was there, ${second} dials; its goodbye arrives, and a process ends by itself`, async () => {
        const meeting = { signaling: service.url, room: `${first}-${second}`, addresses: ownAddresses() }
        const a = await runtimes.get(first)!.start({ blocks: 12, ...meeting })
        const b = await runtimes.get(second)!.start({ blocks: 30, ...meeting })
        expect(await Promise.all([a.holds(42), b.holds(42)])).toEqual([42, 42])
        await b.close()
        expect(await a.ended()).toBe('bye')
        await a.close()
      }, 60_000)
    }
  }
})

describe.skipIf(!hasRelay)('with direct candidates disabled', () => {
  let relay: TurnServer

  beforeAll(async () => void (relay = await startTurnServer()))
  afterAll(() => relay.stop())

  for (const { name } of here) {
    test(`a TURN relay carries a whole sync between Node and ${name}`, async () => {
      const before = relay.allocations()
      const meeting = { signaling: service.url, room: `relay-${name}`, iceServers: [relay.iceServer], relay: true }
      const holder = await runtimes.get('Node')!.start({ blocks: 200, ...meeting })
      const partner = await runtimes.get(name)!.start({ blocks: 50, ...meeting })
      expect(await Promise.all([holder.holds(250), partner.holds(250)])).toEqual([250, 250])
      expect(relay.allocations() - before).toBeGreaterThanOrEqual(2)
      await partner.close()
      expect(await holder.ended()).toBe('bye')
      await holder.close()
    }, 60_000)
  }
})
