import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PYTHON_PATH } from '../tools/python.mjs'
import { root } from '../tools/run.mjs'
import { hasNamespaces } from '../tools/servers.mjs'
import { bundle } from './bundle'

const SCENARIOS = ['cafe wifi', 'a partition', 'one isolated', 'a one-way street', 'a slow link, cut'] as const
const runs = hasNamespaces()
if (!runs)
  for (const name of SCENARIOS)
    console.warn(`\n*** SKIPPED: sync through "${name}": network namespaces take root, /dev/net/tun and ip ***\n`)

const WAIT = { timeout: 45_000, interval: 100 }

/** A process that answers each line with a line. */
class Talker {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(file, args, { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] })
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]()
  }

  async say(line: unknown): Promise<string> {
    this.#child.stdin!.write(`${JSON.stringify(line)}\n`)
    return this.hear()
  }

  async hear(): Promise<string> {
    const { value, done } = await this.#answers.next()
    if (done) throw new Error('the process has ended')
    return value
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

interface Look {
  readonly state: string
  readonly reason?: string
  readonly blocks: number
  readonly bytesIn: number
  readonly peers: number
}

describe.skipIf(!runs)('agents in networks of their own', () => {
  const spaces = [1, 2, 3].map(number => `cosmic-${process.pid}-${number}`)
  const folder = path.join(root, '.cache', `wire-${process.pid}`)
  const talkers: Talker[] = []
  let wire: Talker
  let agents: Talker[]

  const ip = (...args: string[]) => spawnSync('ip', args, { stdio: 'ignore' })
  const look = async (agent: number) => JSON.parse(await agents[agent]!.say(['look'])) as Look
  const blocks = async () => (await Promise.all([0, 1, 2].map(look))).map(each => each.blocks)
  const publish = (...counts: number[]) => Promise.all(counts.map((count, i) => agents[i]!.say(['publish', count])))
  const all = (count: number) => expect.poll(blocks, WAIT).toEqual([count, count, count])
  const OPEN = { delay: 0, loss: 0, rate: 0, cut: [] }
  /** Between agents, both ways. */
  const both = (...pairs: [number, number][]) =>
    pairs.flatMap(([a, b]) => [
      [a + 1, b + 1],
      [b + 1, a + 1],
    ])

  beforeAll(async () => {
    mkdirSync(folder, { recursive: true })
    const script = path.join(folder, 'agent.mjs')
    writeFileSync(script, await bundle('wire-agent.ts', 'node', 'esm'))
    for (const space of spaces) ip('netns', 'add', space)
    wire = new Talker(PYTHON_PATH, [path.join(root, 'test/runtimes/wire.py'), ...spaces])
    talkers.push(wire)
    expect(await wire.hear()).toBe('ready')
    agents = spaces.map(space => new Talker('ip', ['netns', 'exec', space, process.execPath, script]))
    talkers.push(...agents)
    await agents[0]!.say(['start', { listen: '10.213.0.1' }])
    await agents[1]!.say(['start', { listen: '10.213.0.2', dial: '10.213.0.1' }])
    await agents[2]!.say(['start', { dial: '10.213.0.1' }])
  }, 60_000)
  afterAll(async () => {
    for (const agent of agents ?? []) await agent.say(['close']).catch(() => {})
    for (const talker of talkers) talker.kill()
    for (const space of spaces) ip('netns', 'delete', space)
    rmSync(folder, { recursive: true, force: true })
  })

  test(`${SCENARIOS[0]}: delay and loss only slow it down`, async () => {
    await wire.say({ ...OPEN, delay: 30, loss: 0.03 })
    await publish(20, 20, 20)
    await all(60)
    await wire.say(OPEN)
  }, 60_000)

  test(`${SCENARIOS[1]}: everybody says that nothing gets on, and gets everything afterwards`, async () => {
    await wire.say({ ...OPEN, cut: both([0, 1], [0, 2], [1, 2]) })
    await publish(10, 10, 10)
    for (const agent of [1, 2])
      await expect.poll(() => look(agent), WAIT).toMatchObject({ state: 'stalled', reason: 'unreachable', blocks: 70 })
    await wire.say(OPEN)
    await all(90)
  }, 100_000)

  test(`${SCENARIOS[2]}: the others go on, and it catches up`, async () => {
    await wire.say({ ...OPEN, cut: both([0, 2], [1, 2]) })
    await publish(10, 10, 10)
    await expect.poll(async () => (await blocks()).slice(0, 2), WAIT).toEqual([110, 110])
    const reason = expect.stringMatching(/^(peer-silent|unreachable)$/) as string
    await expect.poll(() => look(2), WAIT).toMatchObject({ state: 'stalled', reason, blocks: 100 })
    await wire.say(OPEN)
    await all(120)
  }, 100_000)

  test(`${SCENARIOS[3]}: what arrives in one direction alone is no connection, and loses nothing`, async () => {
    await wire.say({ ...OPEN, cut: [[1, 3]] })
    await expect.poll(() => look(2), WAIT).toMatchObject({ state: 'stalled' })
    await publish(5, 5, 5)
    await expect.poll(async () => (await blocks())[1], WAIT).toBe(130)
    await wire.say(OPEN)
    await all(135)
  }, 100_000)

  test(`${SCENARIOS[4]} midway: goes on within twice the bytes of a clean transfer`, async () => {
    const before = await look(2)
    await wire.say({ ...OPEN, cut: both([0, 2]) })
    await publish(400)
    await expect.poll(() => look(2), WAIT).toMatchObject({ state: 'stalled' })
    await wire.say({ ...OPEN, delay: 10, rate: 120_000 })
    await expect.poll(async () => (await look(2)).blocks, WAIT).toBeGreaterThan(before.blocks + 100)
    await wire.say({ ...OPEN, cut: both([0, 2]) })
    await expect.poll(async () => (await look(2)).peers, WAIT).toBe(0)
    expect((await look(2)).blocks).toBeLessThan(before.blocks + 400)
    await wire.say({ ...OPEN, delay: 10, rate: 120_000 })
    await all(535)
    // Each block has some 750 bytes.
    expect((await look(2)).bytesIn - before.bytesIn).toBeLessThan(2 * 400 * 900)
  }, 150_000)
})
