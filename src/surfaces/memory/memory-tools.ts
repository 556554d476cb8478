import type { z } from 'zod'
import { CosmicError } from '../../base/index'
import { createBlock, type BlockFields } from '../../block/index'
import type { HttpNode, Scope } from '../http/index'
import { DATA_NOTICE, held, judgement, memoryOf } from './memory'
import * as schemas from './schemas'

export type ToolName = 'remember' | 'recall' | 'verify' | 'relate' | 'forget' | 'peers'

/** One thing that an agent can do with the memory, for whatever protocol or framework offers it. */
export interface MemoryTool {
  readonly name: ToolName
  readonly title: string
  readonly description: string
  readonly input: z.ZodObject
  readonly output: z.ZodObject
  /** As the Model Context Protocol names them. */
  readonly annotations: {
    readonly readOnlyHint: boolean
    readonly destructiveHint?: boolean
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
  /** What a token must permit. */
  readonly scope: Scope
  /** Stands before an answer in which others have words. */
  readonly notice?: string
  /** `input` was read by the schema. */
  readonly run: (node: HttpNode, input: never, signal?: AbortSignal) => Promise<object>
}

/** Neither changes anything nor asks anybody else. */
const READING = { readOnlyHint: true, idempotentHint: true, openWorldHint: false }

const remember: MemoryTool = {
  name: 'remember',
  title: 'Remember',
  description:
    'Sign a text and keep it; connected peers receive it. Not for secrets: what peers copied cannot be taken back.',
  input: schemas.remember,
  output: schemas.remembered,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  scope: 'write',
  async run(node, { text, ...shared }: z.output<typeof schemas.remember>, signal) {
    if (!node.embedder) throw new CosmicError({ code: 'no-embedder', hint: 'this node has no model' })
    const input = { type: 'text', content: text }
    const fields = { ...defined(shared), embedder: node.embedder, input, ...(signal && { signal }) }
    return node.client.publish(await createBlock(fields as BlockFields, node.signer))
  },
}

const recall: MemoryTool = {
  name: 'recall',
  title: 'Recall',
  description: 'Find memories by meaning.',
  input: schemas.recall,
  output: schemas.recalled,
  annotations: READING,
  scope: 'search',
  notice: DATA_NOTICE,
  async run(node, { query, k, tags, author }: z.output<typeof schemas.recall>, signal) {
    const where = { ...(tags && { tags }), ...(author !== undefined && { author }) }
    const { hits, report } = await node.client.search(query, { k, where, ...(signal && { signal }) })
    const memories = hits.map(hit => memoryOf(hit, node.signer.did))
    return { memories, ...(report.loading && { loading: true }) }
  },
}

type One = z.output<typeof schemas.one>

const verify: MemoryTool = {
  name: 'verify',
  title: 'Verify',
  description: 'Judge a stored memory anew.',
  input: schemas.one,
  output: schemas.verified,
  annotations: READING,
  scope: 'read',
  notice: DATA_NOTICE,
  async run(node, { id }: One) {
    const block = await held(node, id)
    const verdict = await node.validator.validate(block.bytes)
    const checks = verdict.checks.map(({ name, status, detail }) => ({ name, status, detail }))
    return { ...judgement(verdict), author: block.author, time: new Date(block.time).toISOString(), checks }
  },
}

const relate: MemoryTool = {
  name: 'relate',
  title: 'Relate',
  description: 'What a memory links to, what links to it, and its versions.',
  input: schemas.one,
  output: schemas.related,
  annotations: READING,
  scope: 'read',
  notice: DATA_NOTICE,
  async run(node, { id }: One, signal) {
    const block = await held(node, id)
    const options = signal ? { signal } : {}
    const [{ items }, history] = await Promise.all([node.store.page({ linksTo: id }), node.client.history(id, options)])
    const links = ('links' in block && block.links) || []
    return {
      links: [...links],
      linkedFrom: items.map(({ block: each }) => ({ id: each.id, author: each.author })),
      versions: history?.versions.map(({ id: version, state }) => ({ id: version, state })) ?? [],
    }
  },
}

const forget: MemoryTool = {
  name: 'forget',
  title: 'Forget',
  description: 'Withdraw a memory of this agent’s own: honest peers erase it.',
  input: schemas.one,
  output: schemas.remembered,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  scope: 'write',
  run: (node, { id }: One) => node.client.retract(id),
}

const peers: MemoryTool = {
  name: 'peers',
  title: 'Peers',
  description: 'Who is connected, and how sync stands.',
  input: schemas.nothing,
  output: schemas.peers,
  annotations: READING,
  scope: 'read',
  async run({ client }) {
    const { peers: connected, addresses, id } = await client.status()
    const shown = connected.map(({ peer, phase, received, sent }) => ({ peer, phase, received, sent }))
    return { self: id, addresses: [...addresses], peers: shown }
  },
}

export const MEMORY_TOOLS: readonly MemoryTool[] = [remember, recall, verify, relate, forget, peers]

/** Runs a tool with an input that its schema has read. */
export function runTool(tool: MemoryTool, node: HttpNode, input: unknown, signal?: AbortSignal): Promise<object> {
  return tool.run(node, input as never, signal)
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Partial<T>
}
