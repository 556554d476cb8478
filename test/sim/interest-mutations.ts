import type { Mutation } from './mutations'

/** Faults in what peers tell each other of themselves: of their interests above all. */
export const INTEREST_MUTATIONS: readonly Mutation[] = [
  {
    name: 'leave collections as they were when they were read',
    shownBy: 'each-to-their-own',
    file: 'client/set-view.ts',
    line: 'this.trees.follow({ added, erased, lost })',
    becomes: '',
  },
  {
    name: 'skip the collection of control blocks',
    shownBy: 'each-to-their-own',
    file: 'sync/passes.ts',
    line: 'passes: [CONTROL_PASS, ...(isCoarse ? [coarsePass(own, theirs)] : passes.values())]',
    becomes: 'passes: isCoarse ? [coarsePass(own, theirs)] : [...passes.values()]',
  },
  {
    name: 'forget the audit after its own widened interest',
    shownBy: 'each-to-their-own',
    file: 'sync/session-interests.ts',
    line: '// The peer knows by now that it owes an audit.\n  if (options.initiator) state.auditDue = true',
    becomes: '',
  },
  {
    name: 'forget the audit after a widened interest of the peer',
    shownBy: 'each-to-their-own',
    file: 'sync/session-interests.ts',
    line: 'state.isCovered = false\n  if (options.initiator) state.auditDue = true',
    becomes: 'state.isCovered = false',
  },
  {
    name: 'announce what the peer does not want',
    shownBy: 'each-to-their-own',
    file: 'sync/session-interests.ts',
    line: 'if (traits) return isWanted(traits, peerInterests)',
    becomes: 'if (traits) return true',
  },
  {
    name: 'remember a place of the log before what is wanted since was compared',
    shownBy: 'each-to-their-own',
    file: 'sync/session-resume.ts',
    line: "if (state.deaf === 'no' && !state.interestsDue) state.heard = cursor",
    becomes: 'state.heard = cursor',
  },
  {
    name: 'let peers change their minds without end',
    shownBy: 'each-to-their-own',
    file: 'sync/session-interests.ts',
    line: 'if (state.peerMayChange-- === 0)',
    becomes: 'if (state.peerMayChange === -1)',
  },
  {
    name: 'take a second hello',
    shownBy: 'siege',
    file: 'sync/session.ts',
    line: "if (isHello !== (state.life === 'greeting'))",
    becomes: "if (!isHello && state.life === 'greeting')",
  },
  {
    name: 'never answer the last of what is stored together',
    shownBy: 'two-laptops-on-a-train',
    file: 'store/group-commit.ts',
    line: 'for (const { blocks, resolve } of puts) resolve(outcomes.slice(next, (next += blocks.length)))',
    becomes:
      'for (const { blocks, resolve } of puts.slice(0, Math.max(1, puts.length - 1))) resolve(outcomes.slice(next, (next += blocks.length)))',
  },
  {
    name: 'refuse a block as if the disk had failed',
    shownBy: 'a-hundred-agents-and-a-partition',
    file: 'store/block-writer.ts',
    line: 'return this.#commits.add(blocks)',
    becomes:
      "const { CosmicError: Failure } = await import('../base/index')\n    if (blocks[0]!.block.time % 37 === 0) throw new Failure({ code: 'storage' })\n    return this.#commits.add(blocks)",
  },
  {
    name: 'write one batch as two',
    shownBy: 'crash-at-any-write',
    file: 'store/block-writer.ts',
    line: 'await storage.batch(operations)',
    becomes:
      'for (const part of [operations.slice(0, -1), operations.slice(-1)]) if (part.length > 0) await storage.batch(part)',
  },
  {
    name: 'never finish the start over a store that has grown',
    shownBy: 'a-relay-restored-from-backup',
    file: 'client/open-network.ts',
    line: 'await view.open()',
    becomes: 'if ((await store.position()).seq % 4 === 3) await new Promise(() => {})\n  await view.open()',
  },
]
