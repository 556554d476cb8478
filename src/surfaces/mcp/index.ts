export { mcpEndpoint } from './mcp-endpoint'
export { createMcpServer, type McpNode, type McpOptions } from './mcp-server'
export type { AroundCall, McpCall } from './mcp-call'
