export { createMcpServer, type McpNode } from './mcp-server'
