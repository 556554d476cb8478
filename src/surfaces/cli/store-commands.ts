import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import { action, blockId, command, OFFLINE, wholeNumber } from './context'
import { Refused } from './block-commands'
import type { BlockStore } from '../../store/index'
import type { CliHost } from './host'
import { plain, Progress } from './output'

/** `id`: who this agent is. */
export function idCommand(host: CliHost): Command {
  return command('id', 'Print this agent’s identity.').action(
    action(host, async ({ output, resolve }) => {
      const { loadIdentity } = await import('../../setup/index')
      const { did } = await loadIdentity((await resolve()).config)
      output.answer({ did }, did)
    }),
  )
}

/** `stats`: how much is stored, by author, tag and model. */
export function statsCommand(host: CliHost): Command {
  return command('stats', 'Show how much is stored, by kind, model, author and tag.').action(
    action(host, ({ output, withNode }) =>
      withNode(OFFLINE, async ({ store }) => {
        const stats = await store.stats()
        const by = {
          kind: await store.terms('kind'),
          model: await store.terms('model'),
          author: await store.terms('author'),
          tag: await store.terms('tag'),
        }
        const lines = Object.entries(by).flatMap(([index, terms]) =>
          terms.map(
            ({ term, blocks, bytes }) =>
              `${index.padEnd(8)}${String(blocks).padStart(10)}${String(bytes).padStart(14)}  ${plain(term)}`,
          ),
        )
        const { blocks, admitted, bytes, pruned } = stats
        const head = `${blocks} blocks (${admitted} admitted, ${pruned} pruned), ${bytes} bytes`
        output.answer({ ...stats, by }, [head, ...lines].join('\n'))
      }),
    ),
  )
}

/** `related`: what links to a block, what it links to, and what stands about it. */
export function relatedCommand(host: CliHost): Command {
  return command('related', 'List what links to a block, what it links to, and what witnesses it.')
    .argument('<id>', 'a block id', blockId('<id>'))
    .option('--limit <number>', 'of each sort', wholeNumber('--limit', 1, 1_000), 100)
    .action(
      action<{ limit: number }>(host, ({ output, withNode }, [name], { limit }) =>
        withNode(OFFLINE, async ({ client, store }) => {
          const id = name as string
          const block = await client.get(id, { admitted: false })
          const links = (block && 'links' in block && block.links) || []
          const [from, about] = [
            await store.page({ linksTo: id, limit, admittedOnly: false }),
            await store.page({ about: id, limit, admittedOnly: false }),
          ]
          // A block that is not here may be linked to, or withdrawn.
          const isKnown = block || from.items.length + about.items.length > 0 || (await client.history(id))
          if (!isKnown) throw unknownBlock(id)
          for (const link of links)
            output.item({ relation: link.relation, to: link.id }, `→ ${plain(link.relation)}  ${link.id}`)
          for (const each of from.items) output.item({ from: each.block.id }, `← link  ${each.block.id}`)
          for (const { block: each } of about.items)
            output.item({ about: each.id, kind: each.kind }, `← ${each.kind}  ${each.id}`)
          output.end()
        }),
      ),
    )
}

/** `history`: the versions of a block. */
export function historyCommand(host: CliHost): Command {
  return command('history', 'List the versions of a block; the current ones are marked.')
    .argument('<id>', 'a block id', blockId('<id>'))
    .action(
      action(host, ({ output, withNode }, [name]) =>
        withNode(OFFLINE, async ({ client }) => {
          const history = await client.history(name as string)
          if (!history) throw unknownBlock(name as string)
          const heads = new Set(history.heads.map(({ id }) => id))
          for (const version of history.versions) {
            output.item(version, `${heads.has(version.id) ? '*' : ' '} ${version.id}  ${version.state}`)
          }
          output.end()
        }),
      ),
    )
}

function unknownBlock(id: string): CosmicError {
  return new CosmicError({ code: 'bad-value', field: 'id', message: `nothing is known of ${plain(id)}` })
}

/** `retract`: withdraws a block of one's own. */
export function retractCommand(host: CliHost): Command {
  return command('retract', 'Withdraw a block of this agent’s own. Nobody can take back what others copied.')
    .argument('<id>', 'a block id', blockId('<id>'))
    .option('--unheld', 'also when the block is not here, which others may hold')
    .action(
      action<{ unheld?: boolean }>(host, ({ output, withNode }, [name], { unheld = false }) =>
        withNode(OFFLINE, async ({ client }) => {
          const { id } = await client.retract(name as string, { unheld })
          output.answer({ id }, id)
        }),
      ),
    )
}

/** `check` and `repair`: compare the indexes with the records, and make them anew. */
export function careCommand(host: CliHost, name: 'check' | 'repair'): Command {
  const about =
    name === 'check' ? 'Compare all indexes with the stored records.' : 'Make all indexes anew from the stored records.'
  return command(name, about).action(
    action(host, ({ output, withNode }) =>
      withNode(OFFLINE, async ({ store }) => {
        if (!store[name])
          throw new CosmicError({ code: 'bad-value', field: 'storage.kind', hint: `this storage has no ${name}` })
        const progress = new Progress(host)
        const found: string[] = []
        for await (const step of store[name]({ signal: host.stop })) {
          if (step.finding === undefined) progress.report(JSON.stringify(step))
          else {
            found.push(String(step.finding.field))
            output.item(step, plain(JSON.stringify(step.finding)))
          }
        }
        progress.end()
        const all = name === 'check' ? await lostOf(store, host.stop) : []
        const lost = all.filter(id => !found.includes(`blocks.${id}`))
        for (const id of lost) output.item({ lost: id }, `lost  ${id}`)
        output.end()
        if (name === 'check' && found.length > 0) throw new Refused(`${found.length} findings; repair mends them`)
        if (lost.length > 0) throw new Refused(`${lost.length} lost to damage; sync or import brings them back`)
      }),
    ),
  )
}

/** What was damaged beyond mending, until it comes again. */
async function lostOf(store: BlockStore, signal: AbortSignal): Promise<string[]> {
  const lost: string[] = []
  for await (const { id, state } of store.log({ signal })) if (state === 'lost') lost.push(id)
  return lost
}
