import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { z } from 'zod'
import type { HttpNode } from '../http/index'
import { DATA_NOTICE, MEMORY_TOOLS, refusalText, runTool, type MemoryTool } from '../memory/index'

const question = z.string().min(1).max(65_536)
const MEMORIES = 8

/** Ways to use the memory that a person can choose, where the tools that they need are permitted. */
export function addPrompts(server: McpServer, node: HttpNode, tools: readonly MemoryTool[]): void {
  const has = (name: string) => tools.some(tool => tool.name === name)
  if (has('recall')) addAnswering(server, node)
  if (has('remember')) addKeeping(server)
}

function addAnswering(server: McpServer, node: HttpNode): void {
  const recall = MEMORY_TOOLS.find(({ name }) => name === 'recall')!
  server.registerPrompt(
    'answer-from-memory',
    {
      title: 'Answer from memory',
      description: 'Recalls what is known of a question, and asks for an answer that names its sources.',
      argsSchema: { question },
    },
    async ({ question: query }, { signal }) => {
      const recalled = await runTool(recall, node, { query, k: MEMORIES }, signal).catch((error: unknown) => {
        throw new Error(refusalText(error))
      })
      const ask = `Answer this question from the memories below. After each statement name the id and the author of the memory that it rests on, and say so where a memory was not admitted or where they contradict one another. Where they do not answer it, say that.\n\nQuestion: ${query}`
      return { messages: [say(ask), say(`${DATA_NOTICE}\n${JSON.stringify(recalled)}`)] }
    },
  )
}

function addKeeping(server: McpServer): void {
  server.registerPrompt(
    'keep-what-was-learned',
    {
      title: 'Keep what was learned',
      description: 'Asks for the facts of this conversation that are worth keeping, one memory each.',
    },
    () => ({
      messages: [
        say(
          'Go through this conversation and choose the facts that will be of use to other agents later: stable, complete in themselves, and no secrets or personal data. Use recall to see which are known already. Keep each of the others with remember, with a few tags; where one replaces a memory of your own, name that one in supersedes. Then list what you kept.',
        ),
      ],
    }),
  )
}

function say(text: string) {
  return { role: 'user' as const, content: { type: 'text' as const, text } }
}
