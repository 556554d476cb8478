import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { memoryTransport } from '../../src/adapters/transport/memory'
import { SyncClient } from '../../src/index'
import { signerOf } from '../tools/stored-block'
import { meetJunk } from './meet-junk'
import { clientCalls, otherCalls } from './public-calls'

const client = new SyncClient({ signer: await signerOf(2), transports: [memoryTransport({ name: 'arguments' })] })
await client.start()
const folder = await mkdtemp(join(tmpdir(), 'arguments-'))
afterAll(async () => {
  await client.close()
  await rm(folder, { recursive: true })
})

meetJunk([...clientCalls(client), ...(await otherCalls(folder))], [client])
