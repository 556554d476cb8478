// Two agents that run different embedding models share what they know. `npm run demo` runs it.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSignalingServer } from 'cosmic-embeddings/signaling'
import { meetAdversary } from './adversary'
import { AgentProcess, type AgentPlan } from './agent-process'
import { Bars, heading, line, printAnswers, printTable } from './display'
import type { FromAgent } from './protocol'
import { questionsForAda, questionsForGrace } from './questions'

const SHARED = 600
const OWN = 200
const ROOM = 'demo'
const WAIT_MS = 20_000

type Refusal = Extract<FromAgent, { type: 'refused' }>

const bars = new Bars()
const refusals = new Map<string, Refusal[]>()
const disconnections: string[] = []

function plan(name: string, model: AgentPlan['model'], folder: string, place: AgentPlan['place']): AgentPlan {
  return { name, model, folder: join(folder, name), place }
}

async function startAgents(folder: string): Promise<[AgentProcess, AgentProcess]> {
  const greenwich = { latitude: 51.4779, longitude: -0.0015, elevation: 46 }
  const maunaKea = { latitude: 19.8207, longitude: -155.4681, elevation: 4205 }
  const start = (agent: AgentPlan) =>
    AgentProcess.start(agent, notice => {
      if (notice.type === 'progress') bars.update(agent.name, notice.label, notice.done, notice.total)
      if (notice.type === 'refused') refusals.set(agent.name, [...(refusals.get(agent.name) ?? []), notice])
      if (notice.type === 'disconnected') disconnections.push(`${agent.name} ${notice.peer} ${notice.code}`)
    })
  return Promise.all([
    start(plan('Ada', 'minilm', folder, greenwich)),
    start(plan('Grace', 'use-lite', folder, maunaKea)),
  ])
}

async function prepare(agents: readonly AgentProcess[]): Promise<void> {
  heading(
    `1. Each embeds ${SHARED} common and ${OWN} own texts, stamps them with its sky, signs them, and stores them (LMDB)`,
  )
  const done = await Promise.all(
    agents.map((agent, part) => agent.perform('prepare', { part: part as 0 | 1, own: OWN, shared: SHARED })),
  )
  bars.stop()
  agents.forEach(({ plan: { name }, modelId }, i) => {
    const { blocks, bytes, seconds } = done[i]!
    line(`${name}: ${blocks} signed blocks, ${kilobytes(bytes)}, model ${modelId}, ${seconds.toFixed(1)} s`)
  })
}

async function meet(agents: readonly AgentProcess[], signaling: string): Promise<void> {
  heading('2. They find each other through the signaling server and exchange what is missing over WebRTC')
  const done = await Promise.all(
    agents.map(agent => agent.perform('meet', { signaling, room: ROOM, blocks: SHARED + OWN })),
  )
  bars.stop()
  agents.forEach(({ plan: { name } }, i) => {
    const { received, seconds } = done[i]!
    line(`${name}: received and verified ${received} blocks in ${seconds.toFixed(1)} s`)
  })
}

async function translate([ada, grace]: readonly [AgentProcess, AgentProcess]): Promise<void> {
  heading('3. Each learns to translate its vectors into the other model, from the common texts, and publishes that')
  const fitted = await Promise.all([
    ada.perform('translate', { from: ada.modelId, to: grace.modelId }),
    grace.perform('translate', { from: grace.modelId, to: ada.modelId }),
  ])
  await Promise.all([ada.perform('await', { ids: fitted[1].parts }), grace.perform('await', { ids: fitted[0].parts })])
  for (const [i, agent] of [ada, grace].entries()) {
    const { parts, quality } = fitted[i]!
    const share = (part: number) => `${(100 * part).toFixed(0)} %`
    line(
      `${agent.plan.name}: learnt from ${quality.anchors} texts, ${parts.length} signed blocks; of ${quality.heldOut} texts kept back, ` +
        `${share(quality.top1)} are found first and ${share(quality.top10)} among the first ten of ${quality.gallery}`,
    )
  }
}

async function ask([ada, grace]: readonly [AgentProcess, AgentProcess]): Promise<void> {
  const nameOf = (did: string) => [ada, grace].find(agent => agent.did === did)?.plan.name ?? did
  heading('4. Each asks in its own model what the other knows')
  line(
    'cosine, standard score among all blocks of that model, verdict, author, text; below: the sky it was signed under',
  )
  for (const [asker, other, questions] of [
    [ada, grace, questionsForGrace],
    [grace, ada, questionsForAda],
  ] as const) {
    console.log()
    line(`${asker.plan.name} (${asker.modelId}) asks ${other.plan.name} (${other.modelId})`)
    for (const question of questions) {
      printAnswers(question, await asker.perform('ask', { question, author: other.did, k: 3 }), nameOf)
    }
  }
}

async function refuse(agents: readonly AgentProcess[], signaling: string): Promise<void> {
  heading('5. Mallory joins and sends two bad blocks on purpose: one with a false sky, then a tampered one')
  const mallory = await meetAdversary(signaling, ROOM, agents[0]!.plan.place)
  try {
    await mallory.lie()
    await until(() => agents.every(({ plan: { name } }) => refusals.get(name)?.length === 1))
    await mallory.tamper()
    await until(() => agents.every(({ plan: { name } }) => refusals.get(name)?.length === 2))
    await until(() => disconnections.filter(entry => entry.includes(mallory.did)).length === agents.length)
  } finally {
    await mallory.close()
  }
  for (const { plan } of agents) {
    for (const { summary } of refusals.get(plan.name) ?? []) line(`${plan.name}: ${summary}`)
    line(`${plan.name} then closed Mallory's connection: whoever sends a block must have checked its signature`)
  }
  line('A sky that fits would have proved nothing but that the claim is consistent: anyone can compute one.')
}

async function summarize(agents: readonly AgentProcess[], started: number): Promise<void> {
  heading('Summary')
  const reports = await Promise.all(agents.map(agent => agent.perform('report', null)))
  const row = (name: string, value: (report: (typeof reports)[number]) => string): [string, ...string[]] => [
    name,
    ...reports.map(value),
  ]
  printTable([
    ['', ...agents.map(({ plan: { name } }) => name)],
    row('blocks stored', report => String(report.blocks)),
    row('bytes stored', report => kilobytes(report.bytes)),
    row('received and verified', report => String(report.verified)),
    row('refused', report => String(report.refused)),
    row('received from the other', report => kilobytes(report.bytesIn)),
    row('sent to the other', report => kilobytes(report.bytesOut)),
  ])
  line(`in ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

/** The demo fails when what it is to show does not happen in time. */
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + WAIT_MS
  while (!condition()) {
    if (Date.now() > end) throw new Error('the bad blocks were not refused in time')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`
}

const started = Date.now()
const folder = await mkdtemp(join(tmpdir(), 'cosmic-demo-'))
const server = await createSignalingServer({ port: 0 })
let agents: [AgentProcess, AgentProcess] | undefined
process.once('SIGINT', () => {
  bars.stop()
  // The agents end by themselves when this process is gone.
  rmSync(folder, { recursive: true, force: true })
  process.exit(130)
})
try {
  console.log('Two agents, two embedding models, no server that sees what they share.')
  agents = await startAgents(folder)
  await prepare(agents)
  await meet(agents, server.url)
  await translate(agents)
  await ask(agents)
  await refuse(agents, server.url)
  await summarize(agents, started)
  await Promise.all(agents.map(agent => agent.perform('stop', null)))
} finally {
  for (const agent of agents ?? []) agent.kill()
  await server.close()
  rmSync(folder, { recursive: true })
}
