import { table } from '../test/tools/markdown-table.mjs'

/**
 * The rooms of `src/` in their one total order. A room imports only rooms above it, through their index.
 * Lint (`eslint.config.js`) and the table in `docs/architecture.md` are both generated from this list.
 *
 * @typedef {object} Room
 * @property {string} name folder under `src/`
 * @property {string} purpose one line for the table
 * @property {boolean} [runtime] may touch `node:`, the DOM, `fetch`, timers, `Date.now` and `Math.random`
 * @property {readonly string[]} [not] rooms above that it still may not import
 */

/** @type {readonly Room[]} */
export const rooms = [
  {
    name: 'base',
    purpose: 'bytes, strict CBOR, CID, `Result` and error codes, ports of clock, random and timers, events',
  },
  {
    name: 'platform',
    purpose: 'the real clock, timers, randomness and native crypto, one file per runtime',
    runtime: true,
  },
  { name: 'signer', purpose: 'Ed25519 keys, did:key, verification, key stores' },
  { name: 'sky', purpose: 'the sky at a time and place, and its comparison' },
  { name: 'block', purpose: 'the record: fields, codec, id, `createBlock`, JSON view; the `Embedder` port' },
  { name: 'validate', purpose: '`CosmicValidator`: verification, evidence, policy; the only maker of `VerifiedBlock`' },
  { name: 'models', purpose: 'translators between embedding models' },
  { name: 'store', purpose: 'the `KeyValueStorage` port, its in-memory implementation, `BlockStore`' },
  { name: 'search', purpose: 'vectors, filters, ranking; follows the store and never writes it' },
  { name: 'ingest', purpose: 'the one funnel: verify, store, announce; the only writer of the store' },
  { name: 'wire', purpose: 'the `Transport` and `Signaling` ports, frames, the secure channel' },
  { name: 'sync', purpose: 'sessions that exchange missing blocks and push new ones' },
  { name: 'peers', purpose: 'who to talk to, and how much (not built yet)' },
  { name: 'client', purpose: '`SyncClient`: performs the effects of the rooms above' },
  {
    name: 'adapters',
    purpose: 'storage, key store, transport and embedder implementations',
    runtime: true,
    not: ['client'],
  },
  { name: 'testing', purpose: 'compliance suites for every port, bound to no test runner', not: ['adapters'] },
  {
    name: 'simulator',
    purpose: 'a network of production clients in which one seed decides everything: time, disks, faults, adversaries',
  },
  { name: 'setup', purpose: 'configuration to adapters, by lazy import; `createNode`', runtime: true },
  {
    name: 'surfaces',
    purpose: 'command line, HTTP API, tools for agents (MCP, LangChain, AI SDK), signaling',
    runtime: true,
  },
]

/** Where `src/index.ts` stands in the order: below `client`, above everything that only some runtimes can load. */
export const rootImports = rooms
  .slice(
    0,
    rooms.findIndex(room => room.name === 'adapters'),
  )
  .map(room => room.name)

/**
 * The rooms that a room may import.
 * @param {string} name
 * @returns {readonly string[]}
 */
export function importsOf(name) {
  const position = rooms.findIndex(room => room.name === name)
  const refused = rooms[position]?.not ?? []
  return rooms
    .slice(0, Math.max(position, 0))
    .map(room => room.name)
    .filter(other => !refused.includes(other))
}

/** The import table of `docs/architecture.md`, in Markdown. */
export function roomTable() {
  const rows = rooms.map(({ name, purpose, runtime, not }, index) => {
    const above =
      index === 0 ? 'nothing' : index === 1 ? '`base`' : `all above${not ? ` but ${not.map(code).join(', ')}` : ''}`
    return [code(`${name}/`), purpose, above, runtime ? 'yes' : 'no']
  })
  return table(['room', 'what it is for', 'may import', 'touches the runtime'], rows)
}

/** @param {string} text */
function code(text) {
  return `\`${text}\``
}
