import { CosmicError } from '../base/index'

const owned = new WeakSet<object>()

/**
 * Opens what runs over a storage, or store, that no other client has: two of them would write the same places of its log.
 * Rejects with `storage` when one has it, and leaves that one its storage.
 */
export async function ownStorage<Running extends { close(): Promise<void> }>(
  storage: object,
  open: () => Promise<Running>,
): Promise<Running> {
  const hint = 'another client has it: share that client, or close it first'
  if (owned.has(storage)) throw new CosmicError({ code: 'storage', field: 'storage', hint })
  owned.add(storage)
  const disown = () => void owned.delete(storage)
  try {
    const running = await open()
    return { ...running, close: () => running.close().finally(disown) }
  } catch (error) {
    disown()
    throw error
  }
}
