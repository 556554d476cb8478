import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** A TCP port of loopback that nobody uses now. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  return port!
}

/** So many different ones. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(probes.map(probe => once(probe, 'listening')))
  const ports = probes.map(probe => (probe.address() as AddressInfo).port)
  await Promise.all(
    probes.map(probe => {
      probe.close()
      return once(probe, 'close')
    }),
  )
  return ports
}
