import { expect, test } from 'vitest'
import { SyncClient } from '../../../src/client/index'
import { memoryTransport } from '../../../src/adapters/transport/memory'
import { signerOf } from '../../tools/stored-block'
import { memoryStorage } from '../../../src/store/index'

test('a wait that `close` overtakes is rejected', async () => {
  const client = new SyncClient({
    storage: memoryStorage(),
    signer: await signerOf(1),
    transports: [memoryTransport({ name: 'waiting' })],
  })
  await client.start()
  const waiting = client.waitForSync()
  await client.close()
  await expect(waiting).rejects.toMatchObject({ code: 'closed' })
})
