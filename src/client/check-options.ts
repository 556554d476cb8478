import { CosmicError } from '../base/index'
import type { SyncClientOptions } from './options'

/** The longest network name, in UTF-16 units. */
const MAX_NETWORK_LENGTH = 64

export type Fields = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const has = (value: unknown, ...methods: string[]) =>
  isRecord(value) && methods.every(method => typeof value[method] === 'function')
export const isText = (value: unknown) => typeof value === 'string'
export const isTextList = (value: unknown) => Array.isArray(value) && value.every(isText)

/** What plain JavaScript may have got wrong is refused here by name, not met later as a missing method. */
export function expect(holds: boolean, field: string, hint: string): void {
  if (!holds) throw new CosmicError({ code: 'bad-type', field, hint })
}

/** Throws `bad-type` or `out-of-range` with the field. */
export function checkClientOptions(options: SyncClientOptions): void {
  expect(isRecord(options), 'options', 'new SyncClient({ signer })')
  const { signer, storage, transports, carriers, embedder, validator, network, timing }: Fields = { ...options }
  expect(has(signer, 'sign') && isText((signer as Fields).did), 'signer', 'a Signer: await Signer.generate()')
  expect(
    storage === undefined || has(storage, 'getMany', 'close'),
    'storage',
    'an open storage: await lmdbStorage(path)',
  )
  const isTransport = (each: unknown) => has(each, 'dial') && Array.isArray((each as Fields).schemes)
  const areTransports = Array.isArray(transports) && transports.every(isTransport)
  expect(transports === undefined || areTransports, 'transports', 'an array: [memoryTransport()]')
  const areCarriers = Array.isArray(carriers) && carriers.every(each => has(each, 'open'))
  expect(carriers === undefined || areCarriers, 'carriers', 'an array: [natsCarrier({ servers })]')
  expect(embedder === undefined || has(embedder, 'embed'), 'embedder', 'an Embedder: await miniLm()')
  expect(validator === undefined || has(validator, 'validate'), 'validator', 'new CosmicValidator(policy)')
  expect(network === undefined || isText(network), 'network', 'a name')
  if (network === '' || (isText(network) && (network as string).length > MAX_NETWORK_LENGTH)) {
    throw new CosmicError({ code: 'out-of-range', field: 'network', limit: MAX_NETWORK_LENGTH })
  }
  expect(timing === undefined || isRecord(timing), 'timing', 'periods in milliseconds')
  for (const [name, period] of Object.entries(timing ?? {})) {
    if (Number.isFinite(period) && (period as number) > 0) continue
    throw new CosmicError({ code: 'out-of-range', field: `timing.${name}`, hint: 'milliseconds above 0' })
  }
}

/** Throws `bad-type`. */
export function checkId(id: unknown): string {
  if (typeof id === 'string') return id
  throw new CosmicError({ code: 'bad-type', field: 'id', hint: 'a block id (CID string)' })
}
