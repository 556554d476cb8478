import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js'
import { func, loadPeer, record } from '../../base/index'
import { toJSON } from '../../block/index'
import type { HttpNode, Scope } from '../http/index'
import { readNode } from '../http/node'
import {
  DATA_NOTICE,
  held,
  INSTRUCTIONS,
  judgement,
  MEMORY_TOOLS,
  refusalText,
  runTool,
  type MemoryTool,
} from '../memory/index'
import { callOf, type AroundCall } from './mcp-call'
import { addPrompts } from './prompts'

export type McpNode = HttpNode

export interface McpOptions {
  /** What the caller may do: tools and resources beyond it are not offered. Everything by default. */
  readonly permits?: (scope: Scope) => boolean
  /** Runs each call, once: for what it is to be wrapped in, such as a span. */
  readonly around?: AroundCall
}

const readOptions = record<McpOptions>({ permits: func, around: func })

const PACKAGE = '@modelcontextprotocol/sdk'
/** Memories that a list of resources names. */
const LISTED = 50

/**
 * A memory as a server of the Model Context Protocol, by the official SDK (optional package `@modelcontextprotocol/sdk`): tools
 * `remember`, `recall`, `verify`, `relate`, `forget` and `peers`, blocks as resources `cosmic://block/{id}`, and prompts. Connect
 * it to any transport of the SDK; `mcpEndpoint` serves it over HTTP. Rejects with `missing-peer`.
 *
 * @example
 * ```ts
 * const server = await createMcpServer(await createNode())
 * await server.connect(new StdioServerTransport())
 * ```
 */
export async function createMcpServer(node: McpNode, options: McpOptions = {}): Promise<McpServer> {
  const { permits = () => true, around = (_, work) => work() } = readOptions(options, '')
  readNode(node, 'node')
  const install = `npm install ${PACKAGE}`
  const sdk = await loadPeer(PACKAGE, () => import('@modelcontextprotocol/sdk/server/mcp.js'), install)
  const server = new sdk.McpServer({ name: 'cosmic-embeddings', version: '1.0.0' }, { instructions: INSTRUCTIONS })
  const tools = MEMORY_TOOLS.filter(({ scope }) => permits(scope))
  for (const tool of tools) addTool(server, node, tool, around)
  if (permits('read')) addBlocks(server, node, sdk.ResourceTemplate, around)
  addPrompts(server, node, tools, around)
  return server
}

function addTool(server: McpServer, node: McpNode, tool: MemoryTool, around: AroundCall): void {
  const { name, title, description, input, output, annotations } = tool
  const about = { title, description, inputSchema: input.shape, outputSchema: output.shape, annotations }
  server.registerTool(name, about, (given, extra) =>
    around(callOf('tools/call', name, extra), () => answer(tool, node, given, extra.signal)),
  )
}

function addBlocks(
  server: McpServer,
  node: McpNode,
  Template: typeof import('@modelcontextprotocol/sdk/server/mcp.js').ResourceTemplate,
  around: AroundCall,
): void {
  const mimeType = 'application/json'
  const list = async () => {
    const { items } = await node.store.page({ kind: 'embedding', reverse: true, limit: LISTED })
    const admitted = items.filter(each => each.admitted)
    return { resources: admitted.map(({ block: { id } }) => ({ uri: `cosmic://block/${id}`, name: id, mimeType })) }
  }
  const template = new Template('cosmic://block/{id}', { list })
  const about = {
    title: 'Block',
    description: `A stored block and its verdict, as JSON; the newest ${LISTED} are listed`,
  }
  server.registerResource('block', template, { ...about, mimeType }, (uri, { id }, extra) =>
    around(callOf('resources/read', uri.href, extra), async () => {
      const text = await blockText(node, String(id))
      return { contents: [{ uri: uri.href, mimeType, text }] }
    }).catch((error: unknown) => {
      throw new Error(refusalText(error))
    }),
  )
}

async function blockText(node: McpNode, id: string): Promise<string> {
  const block = await held(node, id)
  const verdict = judgement(await node.validator.validate(block.bytes))
  return JSON.stringify({ notice: DATA_NOTICE, verdict, ...toJSON(block) })
}

async function answer(tool: MemoryTool, node: McpNode, given: unknown, signal: AbortSignal): Promise<CallToolResult> {
  try {
    const structuredContent = (await runTool(tool, node, given, signal)) as Record<string, unknown>
    const json = JSON.stringify(structuredContent)
    const text = tool.notice === undefined ? json : `${tool.notice}\n${json}`
    return { structuredContent, content: [{ type: 'text', text }] }
  } catch (error) {
    return { isError: true, content: [{ type: 'text', text: refusalText(error) }] }
  }
}
