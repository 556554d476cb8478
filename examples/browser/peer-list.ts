import type { PeerStatus, SyncClient } from 'cosmic-embeddings'
import { byId, element, facts, name, soon } from './dom'
import { counted, shortName, size } from './plain-text'
import { attempt } from './reports'

const REFRESH_MS = 1_000

/** Keeps the list of peers as the client's status has it: at every event of a session, and each second. */
export function followPeers(client: SyncClient, room: string | undefined): void {
  const show = soon(() =>
    attempt(async () => {
      const { peers } = await client.status()
      byId('peers').replaceChildren(...peers.map(peerCard))
      if (room !== undefined)
        byId('meeting').textContent = `In the room “${room}” with ${counted(peers.length, 'peer')}.`
    }),
  )
  for (const event of ['connected', 'disconnected', 'progress'] as const) client.on(event, show)
  const timer = setInterval(show, REFRESH_MS)
  client.on('closed', () => clearInterval(timer))
  show()
}

function peerCard(peer: PeerStatus): HTMLElement {
  const phase = element('span', `chip ${peer.phase === 'live' ? 'good' : 'fair'}`, peer.phase)
  const card = element('li', 'card', element('p', '', name(peer.peer, shortName(peer.peer)), ' ', phase))
  card.dataset.peer = peer.peer
  card.dataset.phase = peer.phase
  card.append(
    facts({
      'to tell': peer.have,
      'to fetch': peer.need,
      'in flight': peer.inFlight,
      received: peer.received,
      sent: peer.sent,
      faults: peer.faults,
      'bytes in': size(peer.bytesIn),
      'bytes out': size(peer.bytesOut),
    }),
  )
  if (peer.stalled) card.append(element('p', 'problem', `stalled: ${peer.stalled}`))
  if (peer.lastError) card.append(element('p', 'problem', `${peer.lastError.code} ${peer.lastError.hint ?? ''}`))
  return card
}
