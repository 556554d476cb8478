import { createInterface } from 'node:readline'
import { Agent, type AgentTerms } from './agent'

/**
 * One agent as a process: the first line of standard input holds its terms, each further one a call, whose answer is printed
 * as a line of JSON. After `close` nothing here ends the process: it ends by itself, or the test that waits for it fails.
 */
const lines = createInterface({ input: process.stdin })
let agent: Agent | undefined
for await (const line of lines) {
  const [method, argument] = JSON.parse(line) as ['start', AgentTerms] | ['holds' | 'ended' | 'close', number]
  if (method === 'start') agent = await Agent.start(argument)
  const answer = method === 'start' ? 0 : await agent![method](argument)
  process.stdout.write(`${JSON.stringify(answer ?? null)}\n`)
  if (method === 'close') lines.close()
}
