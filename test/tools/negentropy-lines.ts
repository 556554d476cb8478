import { unwrap } from '../../src/base/index'
import { initiate, ItemTree, proceed, respond } from '../../src/sync/index'
import { narrow } from '../../src/sync/negentropy/bound'

const NO_LIMIT = { bytes: Infinity, ranges: Infinity }

/**
 * The line protocol of the public conformance harness (https://github.com/hoytech/negentropy, test/): takes `item,<time>,<hex id>`,
 * `seal`, `initiate` and `msg,<hex>`, answers `have,<hex id>` and `need,<hex id>`, then `msg,<hex>` or `done`. Who was told to
 * `initiate` is the client. `bytes` is the largest message sent, 4,096 or more; 0 for none.
 */
export class NegentropyLines {
  readonly #set = new ItemTree()
  readonly #options
  #initiates = false

  constructor(bytes: number) {
    if (bytes !== 0 && !(bytes >= 4096)) throw new Error(`a limit of ${bytes} bytes: 4096 at least, or none`)
    this.#options = {
      limits: bytes === 0 ? NO_LIMIT : { bytes, ranges: Infinity },
      accepts: NO_LIMIT,
      maxHave: Infinity,
    }
  }

  /** The lines that answer one line. */
  take(line: string): string[] {
    const [command, ...fields] = line.trim().split(',')
    if (command === 'item') {
      const [time, id] = fields
      this.#set.insert({ time: narrow(BigInt(time!)), id: fromHex(id!, 32) })
      return []
    }
    if (command === 'seal') return []
    if (command === 'initiate') {
      this.#initiates = true
      return [`msg,${hex(initiate(this.#set))}`]
    }
    if (command === 'msg') return this.#answer(fromHex(fields[0]!))
    throw new Error(`no such command: ${line}`)
  }

  #answer(message: Uint8Array): string[] {
    if (!this.#initiates) return [`msg,${hex(unwrap(respond(this.#set, message, this.#options)))}`]
    const { have, need, reply } = unwrap(proceed(this.#set, message, this.#options))
    return [
      ...have.map(({ id }) => `have,${hex(id)}`),
      ...need.map(id => `need,${hex(id)}`),
      reply ? `msg,${hex(reply)}` : 'done',
    ]
  }
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

function fromHex(text: string, length = text.length / 2): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from(text, 'hex'))
  if (bytes.length !== length) throw new Error(`not ${length} bytes in hexadecimal digits: ${text}`)
  return bytes
}
