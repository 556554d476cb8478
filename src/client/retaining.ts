import type { Clock, Emitter, Timers } from '../base/index'
import { loadRetention, type Ingest, type Retention } from '../ingest/index'
import type { BlockStore } from '../store/index'
import type { ClientEvents } from './events'
import type { SyncClientOptions } from './options'

export interface RetainingParts {
  readonly store: BlockStore
  readonly ingest: Ingest
  readonly events: Emitter<ClientEvents>
  readonly ports: { readonly clock: Clock; readonly timers: Timers }
  readonly onFloor: (floor: number) => void
}

/** The retention of a client: what it keeps of what it holds. Throws for a policy that is misspelt, with its field. */
export async function retaining(
  { signer, retention = {} }: SyncClientOptions,
  { store, ingest, events, ports, onFloor }: RetainingParts,
): Promise<Retention> {
  const { Retention, readRetention } = await loadRetention()
  return new Retention({
    ...{ store, ingest, onFloor, policy: readRetention(retention), self: signer.did },
    ...{ clock: ports.clock, timers: ports.timers },
    onError: error => events.emit('error', { error }),
    onSweep: report => events.emit('retention', report),
    onCompaction: progress => events.emit('compaction', progress),
  })
}
