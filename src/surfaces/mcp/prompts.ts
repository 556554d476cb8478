import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import type { HttpNode } from '../http/index'
import { callOf, type AroundCall, type Extra } from './mcp-call'
import { DATA_NOTICE, MEMORY_TOOLS, refusalText, runTool, type MemoryTool } from '../memory/index'

const question = z.string().min(1).max(65_536)
const MEMORIES = 8

/** Ways to use the memory that a person can choose, where the tools that they need are permitted. */
export function addPrompts(server: McpServer, node: HttpNode, tools: readonly MemoryTool[], around: AroundCall): void {
  const has = (name: string) => tools.some(tool => tool.name === name)
  if (has('recall')) addAnswering(server, node, around)
  if (has('remember')) addKeeping(server, around)
}

function addAnswering(server: McpServer, node: HttpNode, around: AroundCall): void {
  const recall = MEMORY_TOOLS.find(({ name }) => name === 'recall')!
  const name = 'answer-from-memory'
  server.registerPrompt(
    name,
    {
      title: 'Answer from memory',
      description: 'Recalls what is known of a question, and asks for an answer that names its sources.',
      argsSchema: { question },
    },
    ({ question: query }, extra) =>
      around(callOf('prompts/get', name, extra), async () => {
        const recalled = await runTool(recall, node, { query, k: MEMORIES }, extra.signal).catch((error: unknown) => {
          throw new Error(refusalText(error))
        })
        const ask = `Answer this question from the memories below. After each statement name the id and the author of the memory that it rests on, and say so where a memory was not admitted or where they contradict one another. Where they do not answer it, say that.\n\nQuestion: ${query}`
        return { messages: [say(ask), say(`${DATA_NOTICE}\n${JSON.stringify(recalled)}`)] }
      }),
  )
}

function addKeeping(server: McpServer, around: AroundCall): void {
  const name = 'keep-what-was-learned'
  server.registerPrompt(
    name,
    {
      title: 'Keep what was learned',
      description: 'Asks for the facts of this conversation that are worth keeping, one memory each.',
    },
    // The SDK's types know what a prompt with arguments is given; one without is given this alone.
    (extra: unknown) =>
      around(callOf('prompts/get', name, extra as Extra), async () =>
        Promise.resolve({
          messages: [
            say(
              'Go through this conversation and choose the facts that will be of use to other agents later: stable, complete in themselves, and no secrets or personal data. Use recall to see which are known already. Keep each of the others with remember, with a few tags; where one replaces a memory of your own, name that one in supersedes. Then list what you kept.',
            ),
          ],
        }),
      ),
  )
}

function say(text: string) {
  return { role: 'user' as const, content: { type: 'text' as const, text } }
}
