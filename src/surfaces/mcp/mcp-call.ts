import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { ServerNotification, ServerRequest } from '@modelcontextprotocol/sdk/types.js'

/** One call of a tool, a resource or a prompt. */
export interface McpCall {
  readonly method: 'tools/call' | 'resources/read' | 'prompts/get'
  /** The name of the tool or prompt, or the address of the resource. */
  readonly target: string
  readonly requestId: string | number
  /** What the caller sent beside the arguments. */
  readonly meta?: Readonly<Record<string, unknown>>
  readonly isHttp: boolean
}

export type AroundCall = <T extends object>(call: McpCall, work: () => Promise<T>) => Promise<T>

/** What the SDK hands to a handler, as far as it is used here. */
export type Extra = Pick<RequestHandlerExtra<ServerRequest, ServerNotification>, '_meta' | 'requestId' | 'requestInfo'>

export function callOf(method: McpCall['method'], target: string, { _meta, requestId, requestInfo }: Extra): McpCall {
  return { method, target, requestId, ...(_meta && { meta: _meta }), isHttp: requestInfo !== undefined }
}
