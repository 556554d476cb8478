import type { BlockStore } from '../store/index'
import { type Interest, checkInterests } from '../sync/index'
import { chooseItems } from './interest-gate'
import type { HostInterests } from './session-answers'
import type { SetView } from './set-view'

/** What a client wants, which may change, and the collections of its set. Throws for what cannot be wanted, with the field. */
export function openInterests(
  given: readonly Interest[] | undefined,
  { trees }: Pick<SetView, 'trees'>,
  store: BlockStore,
): HostInterests & { set(interests: readonly Interest[] | undefined): void } {
  let interests = checkInterests(given)
  return {
    interests: () => interests,
    find: collection => trees.find(collection),
    collect: (user, collection) => trees.collect(user, collection),
    keep: (user, collections) => trees.keep(user, collections),
    choose: (items, wanted) => chooseItems(store, items, wanted),
    set(wanted) {
      interests = checkInterests(wanted)
    },
  }
}
