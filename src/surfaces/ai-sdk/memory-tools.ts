import type { Tool } from 'ai'
import { anything, CosmicError, list, record } from '../../base/index'
import type { HttpNode } from '../http/index'
import { readNode } from '../http/node'
import { MEMORY_TOOLS, refusalText, runTool, type MemoryTool, type ToolName } from '../memory/index'

export interface ToolsOptions {
  /** Which tools to offer; all of them by default. */
  readonly only?: readonly ToolName[]
}

// The tools of one set take different inputs, which TypeScript can only call `any` here; the schemas say what they are.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AiSdkTools = Record<ToolName, Tool<any, any>>

const readOptions = record<ToolsOptions>({ only: list<ToolName>(anything, 64) })

/**
 * A memory as tools of the AI SDK: `remember`, `recall`, `verify`, `relate`, `forget` and `peers`. Recalled memories name their
 * author and verdict, and reach the model behind a line that says that their texts are data. Give `MEMORY_INSTRUCTIONS` to the model
 * too. Throws `bad-value` for a tool that there is not. A tool rejects with `CosmicError`, which the SDK tells the model.
 *
 * @example
 * ```ts
 * const tools = aiSdkTools(node, { only: ['recall'] })
 * const { text } = await generateText({ model, tools, instructions: MEMORY_INSTRUCTIONS, prompt, stopWhen: stepCountIs(4) })
 * ```
 */
export function aiSdkTools(node: HttpNode): AiSdkTools
export function aiSdkTools(node: HttpNode, options: ToolsOptions): Partial<AiSdkTools>
export function aiSdkTools(node: HttpNode, options: ToolsOptions = {}): Partial<AiSdkTools> {
  const { only } = readOptions(options, '')
  readNode(node, 'node')
  const foreign = only?.find(name => !MEMORY_TOOLS.some(tool => tool.name === name))
  if (foreign !== undefined) {
    const hint = MEMORY_TOOLS.map(({ name }) => name).join(', ')
    throw new CosmicError({ code: 'bad-value', field: 'only', hint })
  }
  const chosen = MEMORY_TOOLS.filter(({ name }) => !only || only.includes(name))
  return Object.fromEntries(chosen.map(tool => [tool.name, toolOf(tool, node)]))
}

function toolOf(tool: MemoryTool, node: HttpNode): AiSdkTools[ToolName] {
  const { description, input, output, notice } = tool
  return {
    description,
    inputSchema: input,
    outputSchema: output,
    execute: async (given: unknown, { abortSignal }: { abortSignal?: AbortSignal }) => {
      try {
        return await runTool(tool, node, given, abortSignal)
      } catch (error) {
        // Its message goes to the model: of a fault of the node it must hold nothing.
        if (error instanceof CosmicError) throw error
        throw new Error(refusalText(error), { cause: error })
      }
    },
    ...(notice !== undefined && {
      toModelOutput: ({ output: answer }: { output: unknown }) => ({
        type: 'text' as const,
        value: `${notice}\n${JSON.stringify(answer)}`,
      }),
    }),
  }
}
