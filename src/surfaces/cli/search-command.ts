import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import { action, author, blockId, command, repeated, wholeNumber, type Context } from './context'
import { noEmbedder } from './create-command'
import type { CliHost } from './host'
import { plain } from './output'
import { openInput, readAll } from './read-input'
import { readVectors } from './read-vectors'

interface SearchFlags {
  readonly k: number
  readonly tag?: readonly string[]
  readonly author?: string
  readonly model?: string
  readonly vector?: string
  readonly like?: string
}

const MAX_VECTOR_BYTES = 1_048_576

/** `search`: the blocks nearest in meaning. */
export function searchCommand(host: CliHost): Command {
  return command('search', 'Find blocks by meaning.')
    .argument('[text]', 'what to look for')
    .option('--k <number>', 'how many hits', wholeNumber('--k', 1, 10_000), 10)
    .option('--tag <tag>', 'only blocks with this tag; may be repeated', repeated)
    .option('--author <did>', 'only blocks by this author', author)
    .option('--vector <path>', 'look for the vector in this file (JSON or .npy; - for standard input); needs --model')
    .option('--model <id>', 'the model of the vector, or of the text')
    .option('--like <id>', 'look for what resembles this block', blockId('--like'))
    .action(action<SearchFlags>(host, (context, [text], flags) => search(context, text as string | undefined, flags)))
}

async function search(context: Context, text: string | undefined, flags: SearchFlags): Promise<void> {
  const { host, output } = context
  if ([text, flags.vector, flags.like].filter(each => each !== undefined).length !== 1) {
    throw new CosmicError({ code: 'missing-field', field: '--vector', hint: 'a text, --vector or --like: one of them' })
  }
  await context.withNode({ network: false, embedder: text !== undefined }, async node => {
    const model = flags.model ?? node.config.model
    if (text !== undefined && !node.embedder) throw await noEmbedder()
    const query = text ?? (await vectorOf(host, flags)) ?? (await node.client.get(flags.like!))
    if (query === undefined)
      throw new CosmicError({ code: 'bad-value', field: '--like', message: 'no such block is here' })
    if (flags.vector !== undefined && model === undefined)
      throw new CosmicError({ code: 'no-model', field: '--model', hint: 'vectors belong to a model' })
    const { k, tag: tags, author: by } = flags
    const where = { ...(tags && { tags }), ...(by !== undefined && { author: by }) }
    const asked = flags.vector === undefined ? flags.model : model
    const { hits } = await node.client.search(query, {
      ...{ k, where, signal: host.stop },
      ...(asked !== undefined && { model: asked }),
    })
    for (const { block, score, standard, verdict, via } of hits) {
      const content = block.input.type === 'text' ? block.input.content : undefined
      const { id, author: by, time } = block
      const value = { id, score, standard, author: by, time, admitted: verdict.status === 'valid' && verdict.admitted }
      output.item(
        { ...value, ...(content !== undefined && { text: content }), ...(via && { via }) },
        `${score.toFixed(3)}  ${id}  ${plain((content ?? '').replace(/\s+/g, ' ').slice(0, 200))}`,
      )
    }
    output.end()
  })
}

async function vectorOf(host: CliHost, { vector }: SearchFlags): Promise<Float32Array | undefined> {
  if (vector === undefined) return undefined
  const { rows } = readVectors(await readAll(await openInput(host, vector), MAX_VECTOR_BYTES))
  if (rows.length === 1) return rows[0]!
  throw new CosmicError({ code: 'bad-value', field: '--vector', hint: 'one vector' })
}
