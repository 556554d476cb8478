import { fields, flag, list, type Read, record } from '../base/index'
import {
  between,
  nameOf,
  nodeName,
  PLAN_LIMITS,
  readDisk,
  readInterests,
  readWay,
  upTo,
  whole,
  within,
} from './check-values'
import type { Action, ActionOf, Rottable } from './plan'
import { TAMPERINGS } from './tampering'

/** Of a block, beside the name of its author. */
const MOST_TAGS = 16

type Doing = Action['do']
type Fields<T> = { readonly [K in keyof T]-?: Read<T[K]> }

const at = between(0, PLAN_LIMITS.time)
const node = nodeName
const way = { from: nodeName, to: nodeName }
const count = upTo(PLAN_LIMITS.count)
const tags = list(nodeName, MOST_TAGS)

/** An action with these fields, all of which it must have but the optional ones. */
function action<D extends Doing>(
  table: Omit<Fields<ActionOf<D>>, 'at' | 'do'>,
  ...optional: (keyof ActionOf<D> & string)[]
): Read<ActionOf<D>> {
  const names = ['at', ...Object.keys(table)] as (keyof ActionOf<D> & string)[]
  const whole = { at, do: (value: unknown) => value, ...table } as unknown as Fields<ActionOf<D>>
  return record<ActionOf<D>>(whole, ...names.filter(name => !optional.includes(name)))
}

const ofNode = () => action<'start'>({ node })
const ofWay = () => action<'cut'>(way)

/** How each action is read. */
const ACTIONS: { readonly [D in Doing]: Read<ActionOf<D>> } = {
  publish: action<'publish'>(
    { node, count, bytes: upTo(PLAN_LIMITS.blockBytes), ahead: whole(-PLAN_LIMITS.clock, PLAN_LIMITS.ahead), tags },
    ...(['bytes', 'ahead', 'tags'] as const),
  ),
  expire: action<'expire'>({ node, count, after: whole(1, PLAN_LIMITS.clock) }),
  retract: action<'retract'>({ node, count }),
  crash: action<'crash'>({ node, silent: flag }, 'silent'),
  'crash-at-write': action<'crash-at-write'>({
    node,
    write: whole(1, PLAN_LIMITS.count),
    moment: nameOf(['before', 'after']),
  }),
  ...{ start: ofNode(), stop: ofNode(), sleep: ofNode(), wake: ofNode(), isolate: ofNode() },
  ...{ 'close-way': ofWay(), 'open-way': ofWay(), cut: ofWay(), connect: ofWay(), disconnect: ofWay() },
  partition: action<'partition'>({ groups: list(list(nodeName, PLAN_LIMITS.nodes), PLAN_LIMITS.nodes) }),
  heal: action<'heal'>({}),
  clog: action<'clog'>({ ...way, ms: between(0, PLAN_LIMITS.time) }),
  tamper: action<'tamper'>({ ...way, kind: nameOf(TAMPERINGS), count }),
  link: action<'link'>({ ...way, conditions: readWay }),
  clock: action<'clock'>({ node, by: within(PLAN_LIMITS.clock) }),
  disk: action<'disk'>({ node, conditions: readDisk }),
  rot: action<'rot'>({ node, count, where: nameOf<Rottable>(['records', 'anything']) }, 'where'),
  backup: action<'backup'>({ node }),
  restore: action<'restore'>({ node }),
  wipe: action<'wipe'>({ node }),
  want: action<'want'>({ node, interests: readInterests }),
  clone: action<'clone'>(way),
}

/** Every action that a plan may have. */
export const ACTION_NAMES = Object.keys(ACTIONS) as Doing[]

const known = nameOf(ACTION_NAMES)

export const readAction: Read<Action> = (value, path) => {
  const name = known(fields(value, path)['do'], `${path}.do`)
  return ACTIONS[name](value, path)
}
