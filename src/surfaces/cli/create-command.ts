import { timeSlices } from '#platform'
import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import { createBlock, type Block, type BlockFields } from '../../block/index'
import type { Published } from '../../client/index'
import type { CosmicNode } from '../../setup/index'
import { action, blockId, command, instant, repeated, type Context } from './context'
import { conclude } from './block-commands'
import type { CliHost } from './host'
import { Progress } from './output'
import { openInput, readAll, readLines, textOf } from './read-input'
import { readVectors } from './read-vectors'

interface CreateOptions {
  readonly file?: string
  readonly lines?: boolean
  readonly vectors?: string
  readonly model?: string
  readonly tag?: readonly string[]
  readonly time?: number
  readonly supersedes?: readonly string[]
  readonly publish: boolean
}

/** Blocks that are being stored. */
const AT_ONCE = 256
const MAX_TEXT_BYTES = 262_144
const MAX_VECTOR_BYTES = 4_294_967_296

const replaced = blockId('--supersedes')

/** `create`: blocks of texts or vectors, signed and stored. */
export function createCommand(host: CliHost): Command {
  return command('create', 'Make blocks of texts or vectors, sign and store them.')
    .argument('[text]', 'the text to remember')
    .option('--file <path>', 'the text is in this file; - for standard input')
    .option('--lines', 'every line of standard input is a text')
    .option('--vectors <path>', 'vectors, as JSON or a NumPy .npy file; needs --model')
    .option('--model <id>', 'the model of the vectors')
    .option('--tag <tag>', 'a tag; may be repeated', repeated)
    .option('--time <instant>', 'when (default: now)', instant('--time'))
    .option('--supersedes <id>', 'the version that it replaces; may be repeated', (text, before) =>
      repeated(replaced(text), before as readonly string[] | undefined),
    )
    .action(
      action<CreateOptions>(host, (context, [text], options) => create(context, text as string | undefined, options)),
    )
}

async function create(context: Context, text: string | undefined, options: CreateOptions): Promise<void> {
  const { host, output } = context
  const given = [text, options.file, options.lines, options.vectors].filter(each => each !== undefined)
  if (given.length !== 1) {
    throw new CosmicError({
      code: 'missing-field',
      field: '--file',
      hint: 'a text, --file, --lines or --vectors: one of them',
    })
  }
  const isText = options.vectors === undefined
  await context.withNode({ network: false, embedder: isText }, async node => {
    const progress = new Progress(host)
    let deferred = 0
    const tell = (block: Block, published: Published) => {
      const {
        id,
        reason,
        until,
        code = until === undefined ? '' : `until ${new Date(until).toISOString()}`,
      } = published
      if (reason === 'deferred') deferred++
      output.item({ ...published, time: block.time }, reason === undefined ? id : `${id}  ${reason} ${code}`)
    }
    const contents = isText ? texts(host, text, options) : vectors(host, node, options)
    const blocks = madeOf(contents, content => make(node, content, options, host.stop), host.stop)
    await output.list(() => publishAll(blocks, node, tell, count => progress.report(`${count} blocks`)))
    progress.end()
    conclude({ deferred })
  })
}

async function* madeOf(
  contents: AsyncIterable<Content>,
  make: (content: Content) => Promise<Block>,
  signal: AbortSignal,
): AsyncGenerator<Block> {
  const breathe = timeSlices()
  for await (const content of contents) {
    // Models and signatures compute in this thread: Ctrl-C comes in between.
    await breathe()
    signal.throwIfAborted()
    yield await make(content)
  }
}

/**
 * Those that come while others are written share the next write. Each is told once it is stored, in the order in which they came,
 * also where a later one fails.
 */
async function publishAll(
  blocks: AsyncIterable<Block>,
  { client }: CosmicNode,
  tell: (block: Block, published: Published) => void,
  report: (count: number) => void,
): Promise<void> {
  let [told, under, count]: [Promise<void>, number, number] = [Promise.resolve(), 0, 0]
  let failed: { readonly error: unknown } | undefined
  try {
    for await (const block of blocks) {
      const publishing = client.publish(block)
      const before = told
      under++
      told = publishing.then(
        published => before.then(() => (tell(block, published), report(++count), void under--)),
        (error: unknown) => before.then(() => void (failed ??= { error })),
      )
      // What cannot be told is thrown where it is waited for.
      told.catch(() => {})
      if (failed || under >= AT_ONCE) await told
      if (failed) break
    }
  } finally {
    await told
  }
  if (failed) throw failed.error
}

type Content = { readonly text: string } | { readonly vector: Float32Array; readonly model: string }

async function* texts(host: CliHost, text: string | undefined, options: CreateOptions): AsyncGenerator<Content> {
  if (text !== undefined) yield { text }
  else if (options.lines) for await (const line of readLines(host.input(), MAX_TEXT_BYTES)) yield { text: line }
  else {
    const bytes = await readAll(await openInput(host, options.file!), MAX_TEXT_BYTES)
    yield { text: textOf(bytes).trim() }
  }
}

async function* vectors(host: CliHost, { config }: CosmicNode, options: CreateOptions): AsyncGenerator<Content> {
  const model = options.model ?? config.model
  if (model === undefined)
    throw new CosmicError({ code: 'no-model', field: '--model', hint: 'vectors belong to a model' })
  const bytes = await readAll(await openInput(host, options.vectors!), MAX_VECTOR_BYTES)
  for (const vector of readVectors(bytes).rows) yield { vector, model }
}

async function make(node: CosmicNode, content: Content, options: CreateOptions, signal: AbortSignal): Promise<Block> {
  const { tag: tags, time, supersedes } = options
  const { place } = node.config
  const shared = {
    ...(tags && { tags }),
    ...(time !== undefined && { time }),
    ...(supersedes && { supersedes }),
    ...(place && { place }),
  }
  if ('vector' in content) {
    return createBlock({ ...shared, embedding: content.vector, model: content.model } as BlockFields, node.signer)
  }
  if (!node.embedder) throw await noEmbedder()
  return createBlock(
    { ...shared, embedder: node.embedder, input: { type: 'text', content: content.text }, signal } as BlockFields,
    node.signer,
  )
}

/** Texts need a model: the one command that installs it. */
export async function noEmbedder(): Promise<CosmicError> {
  const { INSTALL_EMBEDDER } = await import('../../setup/index')
  const hint = `${INSTALL_EMBEDDER}, or name a service by embedder.kind (config show)`
  return new CosmicError({ code: 'no-embedder', message: 'there is no model that makes vectors of texts', hint })
}
