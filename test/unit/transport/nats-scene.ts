import { existsSync } from 'node:fs'
import { expect, onTestFinished } from 'vitest'
import { natsCarrier, type NatsCarrierOptions } from '../../../src/adapters/transport/nats'
import { createBlock, Signer, SyncClient, type SyncClientOptions } from '../../../src/index'
import { memoryStorage, type KeyValueStorage } from '../../../src/store/index'
import { NATS_PATH } from '../../tools/servers.mjs'

export const hasNats = existsSync(NATS_PATH)
if (!hasNats) console.warn(`\n*** SKIPPED: the carrier over NATS JetStream: no ${NATS_PATH} ***\n`)

let streams = 0
export const freshStream = () => `TEST${++streams}`

export async function agentOn(carrier: NatsCarrierOptions, options: Partial<SyncClientOptions> = {}) {
  const signer = (options.signer as Signer | undefined) ?? (await Signer.generate())
  const client = new SyncClient({ signer, carriers: [natsCarrier(carrier)], ...options })
  await client.start()
  onTestFinished(() => client.close())
  let made = 0
  const publish = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const embedding = [made++, Math.random() + 1, 1]
      await client.publish(await createBlock({ embedding, model: 'acme:nats', sky: false }, signer))
    }
  }
  const blocks = async () => (await client.status()).store.blocks
  const holds = (count: number, timeout = 60_000) => expect.poll(blocks, { timeout, interval: 20 }).toBe(count)
  const status = async () => (await client.status()).carriers[0]!
  return { client, signer, publish, holds, status }
}

/** Open across a client's close, so that it can be opened again. */
export function lasting(): KeyValueStorage {
  return { ...bound(memoryStorage()), close: async () => {} }
}

function bound(storage: KeyValueStorage): KeyValueStorage {
  return {
    get: (...args) => storage.get(...args),
    getMany: (...args) => storage.getMany(...args),
    batch: (...args) => storage.batch(...args),
    range: (...args) => storage.range(...args),
    close: () => storage.close(),
  }
}

/** A storage that writes nothing while its gate is closed. `reached`: somebody waits there. */
export function gated() {
  const storage = memoryStorage()
  let open = () => {}
  let opened: Promise<void> | undefined
  let reach = () => {}
  const reached = new Promise<void>(resolve => (reach = resolve))
  const batch = async (...args: Parameters<KeyValueStorage['batch']>) => {
    if (opened) reach()
    await opened
    return storage.batch(...args)
  }
  return {
    storage: { ...bound(storage), batch },
    close: () => void (opened = new Promise(resolve => (open = resolve))),
    open: () => open(),
    reached,
  }
}
