import type { ClientStatus } from './events'
import { modelsOf } from './query'
import type { Running } from './running'
import { withCarriers } from './standing'
import { syncStatus, type SyncStatus } from './sync-status'

/** What `client.status()` answers. */
export async function clientStatus(id: string, running: Running): Promise<ClientStatus> {
  const { store, network, carriage, engine, retention } = running
  const survey = await engine.look()
  const words = running.words()
  const { loading, thread } = engine
  return {
    id,
    addresses: network?.addresses() ?? [],
    peers: network?.statuses() ?? [],
    connections: network?.connections() ?? [],
    sync: syncOf(running),
    carriers: carriage?.statuses() ?? [],
    store: await store.stats(),
    ...(retention.last && { retention: retention.last }),
    models: modelsOf(survey),
    search: { ...survey, thread, ...(loading && { loading }), ...(words && { words }) },
  }
}

function syncOf({ network, carriage }: Running): SyncStatus {
  return network?.sync() ?? withCarriers(syncStatus([], [], { in: 0, out: 0 }), carriage?.isLost() ?? false)
}
