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
  await expect.poll(async () => (await here.status()).peers.length, { timeout: 10_000 }).toBe(1)
  expect(failures.length).toBeGreaterThanOrEqual(1)
  expect((await here.status()).peers).toMatchObject([{ peer: there.id }])
  await Promise.all([here.close(), there.close()])
})

test('an address that never answered is forgotten by `disconnect`, and by the signal of its first attempt', async () => {
  const here = await clientNamed('keep-alone')
  await here.start()
  const address = 'memory://nobody'
  const failures: unknown[] = []
  const onFailure = (_: string, error: unknown) => failures.push(error)
  await keepConnected(here, [address], { signal: new AbortController().signal, onFailure })
  expect(failures).toMatchObject([{ code: 'unreachable' }])
  expect((await here.status()).connections).toMatchObject([
    { address, failures: 1, lastError: { code: 'unreachable' } },
  ])
  await here.disconnect(address)
  expect((await here.status()).connections).toEqual([])
  await keepConnected(here, [address], { signal: AbortSignal.abort(), onFailure })
  expect([failures.length, (await here.status()).connections]).toEqual([1, []])
  await here.close()
})

test('`disconnect` ends an attempt under way', async () => {
  const here = await clientNamed('keep-waiting')
  await here.start()
  const mute = await memoryTransport({ name: 'keep-mute' }).listen!(() => {})
  const met = here.connect('memory://keep-mute', { retry: true }).catch((error: unknown) => error)
  await expect.poll(async () => (await here.status()).connections).toMatchObject([{ state: 'dialling' }])
  await here.disconnect('memory://keep-mute')
  expect(await met).toMatchObject({ code: 'aborted' })
  expect((await here.status()).connections).toEqual([])
  await Promise.all([here.close(), mute.close()])
})
