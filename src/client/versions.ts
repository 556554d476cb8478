import { abortSignal, count, CosmicError, flag, record, type Clock } from '../base/index'
import { createBlock, type Block } from '../block/index'
import type { SigningIdentity } from '../signer/index'
import type { IdentityBook } from './identity-book'
import { isRetractable, loadHistory, type BlockHistory, type BlockStore, type HistoryOptions } from '../store/index'

export interface ClientHistoryOptions extends Pick<HistoryOptions, 'limit' | 'signal'> {
  /** `false`: versions that are not admitted count like any other (default `true`: they are no heads). */
  readonly admitted?: boolean
}

export interface RetractOptions {
  /** `true`: withdraw a block that is not here, too: whoever holds it, and has it from this agent, erases it. */
  readonly unheld?: boolean
}

const readHistoryOptions = record<ClientHistoryOptions>({ admitted: flag, limit: count, signal: abortSignal })
const readRetractOptions = record<RetractOptions>({ unheld: flag })

/** The history of a block; where it is not held, of its withdrawal by `self` before those by others. */
export async function historyOf(
  store: BlockStore,
  id: string,
  self: string,
  asked: ClientHistoryOptions,
): Promise<BlockHistory | undefined> {
  const { admitted = true, ...options } = readHistoryOptions(asked, '')
  const { readHistory } = await loadHistory()
  const given = { ...options, admittedOnly: admitted }
  return (await readHistory(store, id, { ...given, author: self })) ?? readHistory(store, id, given)
}

/** The retraction of a block, signed; `undefined` when it was withdrawn before. Rejects with `not-author`, `bad-value`. */
export async function makeRetraction(
  store: BlockStore,
  id: string,
  signer: SigningIdentity,
  { clock, identities: book }: { readonly clock: Clock; readonly identities: Pick<IdentityBook, 'sameIdentity'> },
  options: RetractOptions,
): Promise<{ readonly block: Block; readonly isNew: boolean }> {
  const { unheld = false } = readRetractOptions(options, '')
  const target = (await store.getMany([id]))[0]?.block
  if (target) checkTarget(target, book.sameIdentity(target.author, signer.did))
  else {
    const about = { about: id, author: signer.did, kind: 'retraction', admittedOnly: false, limit: 1 }
    const { items } = await store.page(about)
    if (items[0]) return { block: items[0].block, isNew: false }
    if (!unheld)
      throw new CosmicError({
        code: 'bad-value',
        field: 'id',
        hint: 'not here; with unheld it is withdrawn all the same',
      })
  }
  const { supersedes = [], time = 0 }: { supersedes?: readonly string[]; time?: number } = target ?? {}
  // Never dated before its target, so that a floor that spares the target spares it too.
  const block = await createBlock({ retraction: { block: id }, supersedes, time: Math.max(time, clock.now()) }, signer)
  return { block, isNew: true }
}

function checkTarget({ author, kind }: Block, isOwn: boolean): void {
  if (!isOwn) {
    const message = 'only its author can withdraw a block'
    throw new CosmicError({
      code: 'not-author',
      field: 'id',
      limit: author,
      message,
      hint: 'a policy can deny it here',
    })
  }
  if (!isRetractable({ kind }))
    throw new CosmicError({ code: 'bad-value', field: 'kind', hint: `a ${kind} is not withdrawn` })
}
