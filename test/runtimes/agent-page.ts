import { Agent, type AgentTerms } from './agent'

/** Several agents, one after another, in one page: each is called by the number that starting it answers. */
const agents: Agent[] = []

Object.assign(globalThis, {
  start: async (terms: AgentTerms) => agents.push(await Agent.start(terms)) - 1,
  call: (index: number, method: 'holds' | 'ended' | 'close', argument: number) => agents[index]![method](argument),
})
