import { expect, test } from 'vitest'
import { memoryTransport } from '../../../src/adapters/transport/memory'
import { SyncClient } from '../../../src/client/index'
import { keepConnected } from '../../../src/setup/index'
import { Signer } from '../../../src/signer/index'

async function clientNamed(name: string) {
  const client = new SyncClient({ signer: await Signer.generate(), transports: [memoryTransport({ name })] })
  return client
}

test('an address that does not answer yet is dialled until it does', async () => {
  const [here, there] = [await clientNamed('keep-here'), await clientNamed('keep-there')]
  await here.start()
  const stop = new AbortController()
  const failures: string[] = []
  const kept = keepConnected(here, ['memory://keep-there'], {
    signal: stop.signal,
    onFailure(address) {
      failures.push(address)
      void there.start()
    },
  })
  await kept
  expect(failures.length).toBeGreaterThanOrEqual(1)
  expect((await here.status()).peers).toMatchObject([{ peer: there.id }])
  await Promise.all([here.close(), there.close()])
})

test('it ends with the signal, whether it dials or waits', async () => {
  const here = await clientNamed('keep-alone')
  await here.start()
  const stop = new AbortController()
  await keepConnected(here, ['memory://nobody'], { signal: stop.signal, onFailure: () => stop.abort() })
  await keepConnected(here, ['memory://nobody'], { signal: stop.signal })
  await here.close()
})
