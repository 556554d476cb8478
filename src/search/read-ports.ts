import {
  abortSignal,
  fields,
  flag,
  func,
  having,
  milliseconds,
  oneOf,
  record,
  such,
  text,
  type Clock,
  type Read,
  type Timers,
} from '../base/index'
import type { BlockStore } from '../store/index'
import type { Predicate } from './entry'
import type { SearchOptions, SearchPorts } from './search-ports'

const size = such<number>(value => typeof value === 'number' && value >= 0, 'a number from 0 on')
const predicates: Read<Readonly<Record<string, Predicate>>> = (value, path) => {
  for (const [name, predicate] of Object.entries(fields(value, path))) func(predicate, `${path}.${name}`)
  return value as Readonly<Record<string, Predicate>>
}

/** How each of the ports is read; whatever else is given is refused by name. */
export const SEARCH_PORTS: { [K in keyof SearchPorts]-?: Read<SearchPorts[K]> } = {
  pause: func,
  clock: having<Clock>('{ now() }', 'now'),
  timers: having<Timers>('{ set() }', 'set'),
  module: such<WebAssembly.Module>(value => value instanceof WebAssembly.Module, 'a compiled WebAssembly.Module'),
  vectors: oneOf('store', 'memory'),
  predicates,
  predicatesVersion: text,
  clustersFrom: size,
  persist: flag,
  saveFrom: size,
  worker: func,
  maxBytes: milliseconds,
  onError: func,
}

/** Throws `bad-type`, `bad-value`, `out-of-range` and `unknown-field` with the field. */
export const readSearchOptions = record<SearchOptions>({ ...SEARCH_PORTS, signal: abortSignal })
export const readStore = having<BlockStore>('a BlockStore: openBlockStore(storage)', 'onChange', 'getMany', 'query')
