import type { SyncClient } from '../../client/index'
import { placeOf } from './place-of'
import type { Span, Tracer } from './tracer'

interface Session {
  readonly span: Span
  received: number
  sent: number
}

/** A span for each session with a peer, from its connection to its end; it begins a trace of its own. Answers how to stop. */
export function traceSessions(client: SyncClient, tracer: Tracer): () => void {
  const open = new Map<string, Session>()
  const keyOf = ({ peer, remote }: { peer: string; remote: string }) => `${peer} ${remote}`
  const latest = new Map<string, Session>()
  const end = (key: string, peer: string, code?: string) => {
    const session = open.get(key)
    if (!session) return
    open.delete(key)
    if (latest.get(peer) === session) latest.delete(peer)
    const { span, received, sent } = session
    span.set({ 'cosmic.sync.received': received, 'cosmic.sync.sent': sent })
    if (code !== undefined) span.fail(code)
    span.end()
  }
  const stops = [
    client.on('connected', event => {
      const attributes = { 'cosmic.peer.id': event.peer, ...placeOf(event.remote) }
      const session = { span: tracer.open('cosmic.sync.session', { isRoot: true, attributes }), received: 0, sent: 0 }
      open.set(keyOf(event), session)
      latest.set(event.peer, session)
    }),
    client.on('progress', ({ peer, progress }) => {
      const session = latest.get(peer)
      if (!session) return
      if (progress.type === 'ingested') session.received += progress.results.length
      else if (progress.type === 'sent') session.sent += progress.ids.length
      else if (progress.type === 'synced') session.span.note('synced', { 'cosmic.sync.round': progress.round })
      else if (progress.type === 'stalled') session.span.note('stalled', { 'cosmic.reason': progress.reason })
      else if (progress.type === 'fault') session.span.note('fault', { 'error.type': progress.code })
    }),
    client.on('disconnected', event => end(keyOf(event), event.peer, event.failure?.code)),
  ]
  return () => {
    stops.forEach(stop => stop())
    for (const key of open.keys()) end(key, key.split(' ', 1)[0]!)
  }
}
