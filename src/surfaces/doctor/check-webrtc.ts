import { loadWrtc } from '#simple-peer'
import { CosmicError } from '../../base/index'
import { failed, ok, skipped, within, type Check, type CheckOptions, type Found } from './finding'
import { gather, openChannel, type PeerConnections, type Server } from './probe-webrtc'

/** Whether two ends on this machine open a data channel between them. */
export const checkWebRtc: Check = async ({ webrtc }, options) => {
  if (webrtc.signaling === undefined) return [skipped('webrtc.signaling names no service to meet at')]
  try {
    const ms = await openChannel(await implementation(), within(options))
    return [ok(`a data channel opened in ${ms} ms`)]
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof CosmicError && error.code === 'missing-peer') {
      return [failed(`the package ${error.package!} is not installed`, error.install)]
    }
    return [failed('no data channel opens on this machine', 'npm rebuild @roamhq/wrtc')]
  }
}

/** What each STUN and TURN server grants. */
export const checkTurn: Check = async ({ webrtc }, options) => {
  const { iceServers = [], iceTransportPolicy } = webrtc
  const servers = iceServers.flatMap(serversOf)
  if (servers.length === 0) {
    const message = 'webrtc.iceServers is empty: only agents of one network meet'
    return [
      iceTransportPolicy === 'relay' ? failed(`${message}, and relay asks for a TURN server`, NAME) : skipped(message),
    ]
  }
  let wrtc: PeerConnections
  try {
    wrtc = await implementation()
  } catch {
    return [skipped('needs WebRTC, which is not installed')]
  }
  return Promise.all(servers.map(server => ask(wrtc, server, options)))
}

const NAME =
  'npx cosmic-embeddings doctor --set \'webrtc.iceServers=[{"urls":"turn:HOST:3478","username":"NAME","credential":"SECRET"}]\''

async function implementation(): Promise<PeerConnections> {
  return (await loadWrtc()) as PeerConnections
}

/** One a URL, so that each is judged alone. */
function serversOf(entry: Readonly<Record<string, unknown>>): Server[] {
  const urls = [entry['urls'] ?? entry['url'] ?? []].flat() as string[]
  return urls.map(url => ({ ...entry, urls: url }))
}

async function ask(wrtc: PeerConnections, server: Server, options: CheckOptions): Promise<Found> {
  const { urls } = server
  const isTurn = /^turns?:/.test(urls)
  let gathered: Awaited<ReturnType<typeof gather>>
  try {
    gathered = await gather(wrtc, server, within(options))
  } catch (error) {
    // An address that the implementation itself cannot read, such as of a port that is none.
    options.signal.throwIfAborted()
    return failed(`${urls}: ${(error as Error).message}`, NAME)
  }
  const { relays, errors, isComplete } = gathered
  options.signal.throwIfAborted()
  if (relays > 0) return ok(`${urls} grants a relay`)
  if (errors.some(({ code }) => code === 401 || code === 403)) {
    return failed(`${urls} refuses these credentials`, NAME)
  }
  const unknown = errors.find(({ text }) => /lookup/.test(text))
  if (unknown) return failed(`${urls}: no such host`, NAME)
  if (!isComplete) return failed(`${urls} gave no answer in ${options.timeoutMs} ms`, NAME)
  if (!isTurn) return ok(`${urls} answers`)
  const reason = errors.find(({ code }) => code !== 701)
  return failed(`${urls} grants no relay${reason ? `: ${reason.code} ${reason.text}` : ''}`, NAME)
}
