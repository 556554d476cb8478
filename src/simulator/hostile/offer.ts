import type { Block } from '../../block/index'
import { SESSION_LIMITS, type SyncItem } from '../../sync/index'
import type { HostileSession, Visit } from './hostile-session'

/**
 * Announces blocks, as far as its credit goes, and hands over what `bytesOf` makes of each that is asked for, until the
 * session ends.
 */
export async function offer<T extends SyncItem>(
  session: HostileSession,
  blocks: readonly T[],
  bytesOf: (block: T) => Uint8Array | undefined,
): Promise<void> {
  const byId = new Map(blocks.map(block => [block.id, block]))
  let told = 0
  let credit = SESSION_LIMITS.items
  const announce = async () => {
    while (credit > 0 && told < blocks.length) {
      const items = blocks
        .slice(told, told + Math.min(credit, SESSION_LIMITS.ids))
        .map(({ time, id }) => ({ time, id }))
      told += items.length
      credit -= items.length
      await session.send({ type: 'announce', items })
    }
  }
  await session.hello()
  await announce()
  for (;;) {
    const message = await session.next('want', 'ping', 'announce', 'credit')
    if (!message) return
    await session.answer(message)
    if (message.type === 'credit') {
      credit += message.items
      await announce()
    }
    if (message.type === 'want') await handOver(session, message.ids, id => byId.get(id) && bytesOf(byId.get(id)!))
  }
}

/** Answers a want, in messages as large as they may be. */
async function handOver(
  session: HostileSession,
  ids: readonly string[],
  bytesOf: (id: string) => Uint8Array | undefined,
): Promise<void> {
  const found = ids.map(id => ({ id, bytes: bytesOf(id) }))
  const gone = found.filter(({ bytes }) => !bytes).map(({ id }) => id)
  const blocks = found.flatMap(({ bytes }) => bytes ?? [])
  if (gone.length > 0) await session.send({ type: 'gone', ids: gone })
  const most = Math.max(1, ...blocks.map(({ length }) => length))
  const count = Math.min(SESSION_LIMITS.blocks, Math.floor(SESSION_LIMITS.blockBytes / most))
  for (let i = 0; i < blocks.length; i += count)
    await session.send({ type: 'blocks', blocks: blocks.slice(i, i + count) })
}

/** Blocks of the visitor's own, signed rightly. */
export async function several(
  visit: Visit,
  count: number,
  fields: Parameters<Visit['sign']>[0] = {},
): Promise<Block[]> {
  const blocks: Block[] = []
  for (let i = 0; i < count; i++) blocks.push(await visit.sign({ embedding: [i, 1], ...fields }))
  return blocks
}
