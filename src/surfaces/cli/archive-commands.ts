import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command } from 'commander'
import { conclude, Refused } from './block-commands'
import { action, author, command, OFFLINE, repeated, type Context } from './context'
import type { CliHost } from './host'
import { Progress } from './output'
import { openInput } from './read-input'
import { writeArchive } from './write-archive'

interface ExportFlags {
  readonly tag?: readonly string[]
  readonly author?: string
  readonly model?: string
}

/** `export`: the stored blocks as a CAR archive. */
export function exportCommand(host: CliHost): Command {
  return command('export', 'Write the stored blocks to a CAR archive (docs/spec/car.md).')
    .argument('<file>', 'where to; - for standard output')
    .option('--tag <tag>', 'only blocks with this tag; may be repeated', repeated)
    .option('--author <did>', 'only blocks by this author', author)
    .option('--model <id>', 'only blocks of this model')
    .action(action<ExportFlags>(host, (context, [file], flags) => exportBlocks(context, file as string, flags)))
}

async function exportBlocks(
  context: Context,
  file: string,
  { tag: tags, author: by, model }: ExportFlags,
): Promise<void> {
  const { host } = context
  const where = {
    ...(tags && { tags }),
    ...(by !== undefined && { author: by }),
    ...(model !== undefined && { model }),
  }
  await context.withNode(OFFLINE, async ({ client }) => {
    let missing = 0
    const archive = client.export({ where, signal: host.stop, onProgress: progress => (missing = progress.missing) })
    if (file === '-') {
      await pipeline(Readable.from(archive), process.stdout, { end: false })
    } else {
      const target = path.resolve(host.cwd, file)
      await writeArchive(archive, target)
      context.output.answer({ file: target, missing }, target)
    }
    if (missing > 0) throw new Refused(`missing ${missing}: damaged, or erased meanwhile`)
  })
}

/** `import`: verifies and stores the blocks of a CAR archive. */
export function importCommand(host: CliHost): Command {
  return command('import', 'Verify and store the blocks of a CAR archive.')
    .argument('<file>', 'where from; - for standard input')
    .action(
      action(host, async (context, [file]) => importBlocks(context, await openInput(context.host, file as string))),
    )
}

/** `salvage`: what can still be read of a damaged store, verified and stored here. */
export function salvageCommand(host: CliHost): Command {
  return command('salvage', 'Verify and store what can still be read of a damaged LMDB store.')
    .argument('<folder>', 'the damaged store, moved away from where it was')
    .action(
      action(host, async (context, [folder]) => {
        const { salvageLmdb } = await import('../../adapters/storage/lmdb')
        return importBlocks(context, salvageLmdb(path.resolve(host.cwd, folder as string), { signal: host.stop }))
      }),
    )
}

async function importBlocks(context: Context, source: AsyncIterable<Uint8Array>): Promise<void> {
  const { host, output } = context
  await context.withNode(OFFLINE, async ({ client }) => {
    const progress = new Progress(host)
    const report = await client
      .import(source, { signal: host.stop, onProgress: ({ blocks }) => progress.report(`${blocks} blocks`) })
      .finally(() => progress.end())
    const { stored, deferred, refused, refusals } = report
    const lines = refusals.map(
      ({ code, field, id }) => `refused ${id ?? ''} ${code}${field === undefined ? '' : ` (${field})`}`,
    )
    output.answer(report, [`${stored} stored, ${deferred} deferred, ${refused} refused`, ...lines].join('\n'))
    conclude(report, 'refused')
  })
}
