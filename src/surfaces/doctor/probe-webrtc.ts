/** The part of WebRTC (W3C, "WebRTC: Real-Time Communication in Browsers") that is asked. */
interface Connection {
  onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null
  onicecandidateerror: ((event: { errorCode?: number; errorText?: string }) => void) | null
  onicegatheringstatechange: (() => void) | null
  ondatachannel: (() => void) | null
  readonly iceGatheringState: string
  createDataChannel(label: string): { onopen: (() => void) | null }
  createOffer(): Promise<unknown>
  createAnswer(): Promise<unknown>
  setLocalDescription(description: unknown): Promise<void>
  setRemoteDescription(description: unknown): Promise<void>
  addIceCandidate(candidate: unknown): Promise<void>
  close(): void
}

export interface PeerConnections {
  readonly RTCPeerConnection: new (config: { iceServers: readonly object[] }) => Connection
}

/** One of `iceServers`, with one URL. */
export interface Server {
  readonly urls: string
}

export interface Gathered {
  /** Candidates that the server relays. */
  readonly relays: number
  readonly errors: readonly { readonly code: number; readonly text: string }[]
  /** Whether the server said all that it had to say. */
  readonly isComplete: boolean
}

/** What a STUN or TURN server gives, until it gave everything or the signal fires. */
export async function gather(
  { RTCPeerConnection }: PeerConnections,
  server: Server,
  signal: AbortSignal,
): Promise<Gathered> {
  const connection = new RTCPeerConnection({ iceServers: [server] })
  const errors: { code: number; text: string }[] = []
  let relays = 0
  connection.onicecandidateerror = ({ errorCode = 0, errorText = '' }) =>
    void errors.push({ code: errorCode, text: errorText })
  const complete = new Promise<void>(resolve => {
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate || !/ typ relay\b/.test(candidate.candidate)) return
      relays++
      resolve()
    }
    connection.onicegatheringstatechange = () => connection.iceGatheringState === 'complete' && resolve()
  })
  connection.createDataChannel('doctor')
  try {
    await connection.setLocalDescription(await connection.createOffer())
    const isComplete = await Promise.race([complete.then(() => true), aborted(signal).then(() => false)])
    return { relays, errors, isComplete }
  } finally {
    connection.close()
  }
}

/** Opens a data channel between two ends in this process; answers the milliseconds. Rejects when the signal fires before. */
export async function openChannel({ RTCPeerConnection }: PeerConnections, signal: AbortSignal): Promise<number> {
  const start = performance.now()
  const [here, there] = [new RTCPeerConnection({ iceServers: [] }), new RTCPeerConnection({ iceServers: [] })]
  try {
    here.onicecandidate = ({ candidate }) => void (candidate && there.addIceCandidate(candidate).catch(() => {}))
    there.onicecandidate = ({ candidate }) => void (candidate && here.addIceCandidate(candidate).catch(() => {}))
    const channel = here.createDataChannel('doctor')
    const opened = new Promise<true>(resolve => (channel.onopen = () => resolve(true)))
    const offer = await here.createOffer()
    await here.setLocalDescription(offer)
    await there.setRemoteDescription(offer)
    const answer = await there.createAnswer()
    await there.setLocalDescription(answer)
    await here.setRemoteDescription(answer)
    if (await Promise.race([opened, aborted(signal)])) return Math.round(performance.now() - start)
    throw new Error('no data channel opened')
  } finally {
    here.close()
    there.close()
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise(resolve => signal.addEventListener('abort', () => resolve(undefined), { once: true }))
}
