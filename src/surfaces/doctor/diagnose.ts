import { redact, type Config } from '../../setup/index'
import { checkClock } from './check-clock'
import { checkDisk, checkKeys, checkRuntime } from './check-here'
import { checkPorts } from './check-ports'
import { checkModel, checkPeers, checkSignaling } from './check-services'
import { checkStore } from './check-store'
import { checkTurn, checkWebRtc } from './check-webrtc'
import { CHECKS, type Check, type CheckName, type CheckOptions, type Finding, type Found } from './finding'

const HERE: Partial<Record<CheckName, Check>> = {
  runtime: checkRuntime,
  disk: checkDisk,
  keys: checkKeys,
  store: checkStore,
  ports: checkPorts,
}

/** They ask services that the settings name. */
const ELSEWHERE: Partial<Record<CheckName, Check>> = {
  clock: checkClock,
  model: checkModel,
  signaling: checkSignaling,
  webrtc: checkWebRtc,
  turn: checkTurn,
  peers: checkPeers,
}

export interface DiagnoseOptions extends CheckOptions {
  /** Leaves out what asks services. */
  readonly isOffline: boolean
  /** Only these. */
  readonly only?: readonly CheckName[]
}

/** Looks at everything that a node of this configuration needs, one after the other; changes nothing, and shows no secret. */
export async function* diagnose(config: Config, options: DiagnoseOptions): AsyncGenerator<Finding, void, undefined> {
  const { signal, isOffline, only = CHECKS } = options
  const checks: Partial<Record<CheckName, Check>> = isOffline ? HERE : { ...HERE, ...ELSEWHERE }
  for (const check of CHECKS) {
    const look = checks[check]
    if (!look || !only.includes(check)) continue
    signal.throwIfAborted()
    for (const found of await look(config, options)) yield { check, ...(redact(found) as Found) }
  }
}
