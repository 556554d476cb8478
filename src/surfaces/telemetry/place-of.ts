import type { SpanAttributes } from './tracer'

/** Where an address leads, by OpenTelemetry's names and without what may be secret in it: users, paths and queries. */
export function placeOf(address: unknown): SpanAttributes {
  if (typeof address !== 'string' || !URL.canParse(address)) return {}
  const { protocol, hostname, port } = new URL(address)
  return {
    'network.protocol.name': protocol.slice(0, -1),
    ...(hostname !== '' && { 'server.address': hostname.slice(0, 255) }),
    ...(port !== '' && { 'server.port': Number(port) }),
  }
}
