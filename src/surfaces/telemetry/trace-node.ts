import type { Query, SyncClient } from '../../client/index'
import type { Instrumentation } from '../../setup/index'
import type { PutOutcome } from '../../store/index'
import { placeOf } from './place-of'
import { traceSessions } from './trace-sessions'
import { readTracer, type SpanAttributes, type SpanOptions, type Tracer } from './tracer'
import { wrapped, type Wrap } from './wrapped'

/** How one method is shown: what its span says before, and what once it has answered. */
interface Traced {
  readonly name: string
  readonly about?: (args: readonly unknown[]) => SpanAttributes
  readonly result?: (answer: unknown, args: readonly unknown[]) => SpanAttributes
}

/**
 * Spans of a node: searches, blocks published, imported and withdrawn, connections, sessions with peers, calls of the store and
 * of the model.
 *
 * @example
 * ```ts
 * const tracer = await openTelemetryTracer()
 * const node = await createNode(config, { instrumentation: traceNode(tracer) })
 * ```
 */
export function traceNode(tracer: Tracer): Instrumentation {
  readTracer(tracer, 'tracer')
  const stops: (() => void)[] = []
  return {
    store: (store, system) => wrapped(store, storeCalls(tracer, system)),
    embedder: embedder =>
      wrapped(embedder, (method, call) =>
        method !== 'embed'
          ? undefined
          : (...args) =>
              tracer.run(`embeddings ${embedder.modelId}`, embedding(embedder), async span => {
                span.set({ 'cosmic.embedding.texts': sizeOf(args[0]) })
                return call(...args)
              }),
      ),
    client: client => {
      stops.push(traceSessions(client, tracer))
      return wrapped(client, clientCalls(tracer))
    },
    close: () => stops.splice(0).forEach(stop => stop()),
  }
}

const sizeOf = (value: unknown) => (Array.isArray(value) ? value.length : 1)

const embedding = ({ modelId, dimensions }: { modelId: string; dimensions: number }): SpanOptions => ({
  kind: 'client',
  attributes: {
    'gen_ai.operation.name': 'embeddings',
    'gen_ai.provider.name': modelId.split(':', 1)[0]!,
    'gen_ai.request.model': modelId,
    'gen_ai.embeddings.dimension.count': dimensions,
  },
})

/** What changes the store has a span always: a batch of the ingest is one `put`. */
const WRITES = new Set(['put', 'judge', 'erase'])
/** What reads it has one inside another span only: alone, as when an index is loaded, they would be most of all spans. */
const READS = new Set(['get', 'getMany', 'has', 'page', 'pageIds', 'count'])

function storeCalls(tracer: Tracer, system: string): Wrap {
  // PostgreSQL is elsewhere; the other ones are this process.
  const kind = system === 'postgresql' ? 'client' : 'internal'
  return (method, call) => {
    const isWrite = WRITES.has(method)
    if (!isWrite && !READS.has(method)) return undefined
    const fixed = { 'db.system.name': system, 'db.operation.name': method }
    return async (...args) => {
      if (!isWrite && !tracer.isInside) return call(...args)
      const size = sizeOf(args[0])
      const attributes = { ...fixed, 'db.operation.batch.size': size > 1 ? size : undefined }
      return tracer.run(method, { kind, attributes }, async span => {
        const answer = await call(...args)
        if (method === 'put') span.set(outcomes(answer as readonly PutOutcome[]))
        return answer
      })
    }
  }
}

function outcomes(all: readonly PutOutcome[]): SpanAttributes {
  const counts: Record<string, number> = {}
  for (const outcome of all) counts[`cosmic.ingest.${outcome}`] = (counts[`cosmic.ingest.${outcome}`] ?? 0) + 1
  return counts
}

/** Of `SyncClient`. */
const CALLS: Readonly<Record<string, Traced>> = {
  search: {
    name: 'cosmic.search',
    about: ([query, options]) => asked(query as Query, options as Asked),
    result: found,
  },
  publish: { name: 'cosmic.publish', result: block },
  retract: { name: 'cosmic.retract', result: block },
  import: { name: 'cosmic.import', result: counted },
  connect: {
    name: 'cosmic.connect',
    about: ([address]) => placeOf(address),
    result: peer => ({ 'cosmic.peer.id': peer as string }),
  },
}

function clientCalls(tracer: Tracer): Wrap {
  return (method, call) => {
    const traced = Object.hasOwn(CALLS, method) ? CALLS[method] : undefined
    if (!traced) return undefined
    const { name, about, result } = traced
    return (...args) =>
      tracer.run(name, about ? { attributes: about(args) } : {}, async span => {
        const answer = await call(...args)
        if (result) span.set(result(answer, args))
        return answer
      })
  }
}

type Asked = Parameters<SyncClient['search']>[1]

function asked(query: unknown, options: Asked): SpanAttributes {
  const { k, model } = (options ?? {}) as { k?: number; model?: string }
  const of = Array.isArray(query) && typeof query[0] !== 'number' ? query : [query]
  const kinds = of.map(each => (typeof each === 'string' ? 'text' : isBlock(each) ? 'block' : 'vector'))
  return {
    'cosmic.search.query': [...new Set(kinds)].join(','),
    'cosmic.search.queries': of.length > 1 ? of.length : undefined,
    'cosmic.search.k': k,
    'gen_ai.request.model': model,
  }
}

const isBlock = (query: unknown) => typeof query === 'object' && query !== null && 'id' in query

function found(answer: unknown): SpanAttributes {
  const { hits, report } = answer as Awaited<ReturnType<SyncClient['search']>>
  return { 'cosmic.search.hits': hits.length, 'gen_ai.request.model': report.model }
}

function block(answer: unknown): SpanAttributes {
  return { 'cosmic.block.id': (answer as { id: string }).id }
}

function counted(answer: unknown): SpanAttributes {
  const { stored, deferred, refused } = answer as Awaited<ReturnType<SyncClient['import']>>
  return { 'cosmic.import.stored': stored, 'cosmic.import.deferred': deferred, 'cosmic.import.refused': refused }
}
