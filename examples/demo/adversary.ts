// A third agent that speaks the protocol correctly and sends two blocks that no honest agent could have made.
import { createBlock, Signer, type Place } from 'cosmic-embeddings'
import { observeSky } from 'cosmic-embeddings/sky'
import { openHostilePeer, type HostilePeer } from 'cosmic-embeddings/testing'
import { webRtcTransport } from 'cosmic-embeddings/transport/webrtc'

const elsewhere: Place = { latitude: -33.8568, longitude: 151.2153 }

/** Joins the room; `lie` and `tamper` offer their block to everyone in it. */
export async function meetAdversary(signaling: string, room: string, claimed: Place) {
  const signer = await Signer.generate()
  const peer = await openHostilePeer({ signer, transport: webRtcTransport({ signaling, room }) })
  const fields = (content: string) => ({
    embedding: [0.6, 0.8],
    model: 'mallory:made-up',
    input: { type: 'text' as const, content },
    place: claimed,
  })
  return {
    did: signer.did,
    close: () => peer.close(),
    /** Rightly signed, but the sky belongs to another place. */
    async lie() {
      const time = Date.now()
      const sky = observeSky({ time, place: elsewhere })
      offer(peer, await createBlock({ ...fields('I was in Greenwich, honestly.'), time, sky }, signer))
    },
    /** Rightly stamped, but one bit of the signature was turned on the way. */
    async tamper() {
      const block = await createBlock(fields('Trust me.'), signer)
      const bytes = block.bytes.slice()
      bytes[bytes.length - 40]! ^= 1
      offer(peer, { ...block, bytes })
    },
  }
}

function offer(peer: HostilePeer, { id, time, bytes }: { id: string; time: number; bytes: Uint8Array }): void {
  peer.offer({ id, time, bytes })
}
