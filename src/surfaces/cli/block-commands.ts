import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import { decodeBlock, importCar, toJSON, type Block } from '../../block/index'
import { CosmicValidator, POLICIES, type Policy, type Verdict } from '../../validate/index'
import { action, command, OFFLINE, type Context } from './context'
import { EXIT, type CliHost } from './host'
import { plain } from './output'
import { openInput, readAll } from './read-input'

const MAX_ENVELOPE = 262_144
/** An envelope is an array of four (docs/spec/block.md); a CAR archive begins with the length of its header, which is less. */
const ENVELOPE_START = 0x84

/** Thrown to end with exit code 3: something was read and judged, and refused; or with 4: it waits for its time. */
export class Refused extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = EXIT.refused) {
    super(message)
    this.exitCode = exitCode
  }
}

/** Ends a command as its blocks stand: some refused, some dated ahead, or all as they should be. */
export function conclude(counts: { readonly refused?: number; readonly deferred: number }, refused = 'invalid'): void {
  const of = (count: number, what: string) => `${count} ${count === 1 ? 'block is' : 'blocks are'} ${what}`
  if (counts.refused) throw new Refused(of(counts.refused, refused))
  if (counts.deferred) throw new Refused(of(counts.deferred, 'dated ahead'), EXIT.deferred)
}

/** `verify`: the verdict on every block of files. */
export function verifyCommand(host: CliHost): Command {
  return command('verify', 'Judge the blocks of files (envelopes or CAR archives; - for standard input).')
    .argument('<file...>', 'what to judge')
    .action(action(host, (context, [files]) => verify(context, files as readonly string[])))
}

async function verify(context: Context, files: readonly string[]): Promise<void> {
  const { host, output } = context
  const { policy } = (await context.resolve()).config
  const validator = new CosmicValidator(typeof policy === 'string' ? POLICIES[policy] : (policy as Policy))
  let [refused, deferred] = [0, 0]
  await output.list(async () => {
    for (const file of files) {
      for await (const read of envelopesOf(await openInput(host, file))) {
        host.stop.throwIfAborted()
        const verdict = read.ok
          ? await validator.validate(read.value)
          : ({ status: 'invalid', ...read.error, summary: read.error.code } as unknown as Verdict)
        if (verdict.status === 'invalid') refused++
        if (verdict.status === 'deferred') deferred++
        const id = 'block' in verdict ? verdict.block.id : undefined
        const code = 'code' in verdict ? verdict.code : undefined
        const { status, summary } = verdict
        const value = { file, ...(id !== undefined && { id }), status, ...(code !== undefined && { code }), summary }
        output.item(
          value,
          `${status.padEnd(9)} ${id ?? file}${status === 'valid' && code === undefined ? '' : `  ${plain(summary)}`}`,
        )
      }
    }
  })
  conclude({ refused, deferred })
}

/** One envelope, or those of an archive: told apart by the first byte. */
async function* envelopesOf(source: AsyncIterable<Uint8Array>) {
  const chunks = source[Symbol.asyncIterator]()
  const first = await chunks.next()
  const whole = (async function* () {
    if (!first.done) yield first.value
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
  })()
  if (!first.done && first.value[0] !== ENVELOPE_START) yield* importCar(whole)
  else yield { ok: true, value: await readAll(whole, MAX_ENVELOPE) } as const
}

/** `inspect`: everything that a block says, of the store or of a file. */
export function inspectCommand(host: CliHost): Command {
  return command('inspect', 'Show what a block says, of the store (id) or of a file.')
    .argument('<id or file>', 'a block id, or a file with one envelope')
    .action(action(host, (context, [name]) => inspect(context, name as string)))
}

async function inspect(context: Context, name: string): Promise<void> {
  const block = /^b[a-z2-7]{58}$/.test(name) ? await stored(context, name) : await ofFile(context.host, name)
  const json = toJSON(block)
  const { bytes: _, ...shown } = json as Record<string, unknown>
  context.output.answer(json, plain(JSON.stringify(shorten(shown), undefined, 2)))
}

async function stored({ withNode }: Context, id: string): Promise<Block> {
  const block = await withNode(OFFLINE, ({ client }) => client.get(id, { admitted: false }))
  if (block) return block
  throw new CosmicError({ code: 'bad-value', field: 'id', message: `no block ${id} is here` })
}

async function ofFile(host: CliHost, name: string): Promise<Block> {
  const block = decodeBlock(await readAll(await openInput(host, name), MAX_ENVELOPE))
  if (block.ok) return block.value
  const { code, field } = block.error
  const message = `${name} holds no block: ${field === undefined ? code : `${code} at ${field}`}`
  throw new CosmicError({ ...block.error, message })
}

/** Vectors and bytes are for machines: people see their beginning. */
function shorten(value: unknown): unknown {
  if (typeof value === 'string' && value.length > 400) return `${value.slice(0, 64)}… (${value.length} characters)`
  if (Array.isArray(value)) return value.map(shorten)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shorten(each)]))
}
