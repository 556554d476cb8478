import type { Failure } from '../base/index'
import type { Block } from '../block/index'
import { firstLack, type Show } from './lack'
import type { PolicyRefusal } from './policy'

/** Whether the block is current: no block of its author that is held, admitted or not, says that it replaced it. */
export const showCurrent: Show = async (rules, { id, author }, { checks, evidence }) => {
  if (!evidence.successors) {
    checks.skipped('versions', 'no versions are known here')
    return { grades: {} }
  }
  const named = await evidence.successors(id, { author, limit: 1 })
  const successor = named.find(block => replaces(block, id, author))
  if (!successor) {
    checks.passed('versions', 'no later version is known here')
    return { grades: {} }
  }
  const replaced = {
    code: 'superseded',
    field: 'supersedes',
    message: `its author replaced it by the block ${successor.id}`,
  } satisfies PolicyRefusal
  const refusal = firstLack(rules, () => replaced)
  if (refusal) checks.failed('versions', refusal as Failure)
  else checks.skipped('versions', replaced.message)
  return { grades: {}, ...(refusal && { refusal }) }
}

/** A source of evidence is not believed: the block itself must say so. */
function replaces(block: Block, id: string, author: string): boolean {
  return block.author === author && !block.opaque && (block.supersedes?.includes(id) ?? false)
}
