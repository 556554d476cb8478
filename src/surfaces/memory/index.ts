export { DATA_NOTICE, held, INSTRUCTIONS, judgement, memoryOf, refusalText, type Memory } from './memory'
export { MEMORY_TOOLS, runTool, type MemoryTool, type ToolName } from './memory-tools'
