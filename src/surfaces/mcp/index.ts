export { mcpEndpoint } from './mcp-endpoint'
export { createMcpServer, type McpNode, type McpOptions } from './mcp-server'
