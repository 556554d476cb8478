import type { Action, ActionOf } from './plan'
import type { Backups } from './backups'
import { named } from './named'
import type { SimulatedNode } from './simulated-node'
import type { World } from './world'

/** A scene in which actions are performed. */
export interface Stage {
  readonly world: World
  readonly backups: Backups
  node(name: string): SimulatedNode
}

type Performers = { readonly [D in Action['do']]: (stage: Stage, action: ActionOf<D>) => unknown }

const PERFORM: Performers = {
  publish({ node }, { node: name, count, bytes = 20, ahead = 0, tags }) {
    const publisher = node(name)
    const content = 'x'.repeat(bytes)
    const time = publisher.clock.now() + ahead
    const more = { ...(ahead !== 0 && { time }), ...(tags && { tags: [name, ...tags] }) }
    const of = (i: number) => ({ input: { type: 'text', content: `${content} ${i}` } as const })
    return several(count, i => publisher.publish({ ...of(i), ...more }))
  },
  expire({ node }, { node: name, count, after }) {
    const publisher = node(name)
    const expires = publisher.clock.now() + after
    return several(count, () => publisher.publish({ expires, tags: ['brief'] }))
  },
  async retract({ node }, { node: name, count }) {
    const author = node(name)
    const { client, life } = author
    if (!client || !life) return
    const own: string[] = []
    for (const id of author.acknowledged) {
      if (!life.alive) return
      const block = await author.calls.make('get', life, () => client.get(id))
      if (block && block.kind !== 'retraction') own.push(id)
    }
    for (const id of author.random.fork(`retract/${own.length}`).shuffle(own).slice(0, count)) void author.retract(id)
  },
  crash: ({ node }, { node: name, silent = false }) => node(name).crash(silent),
  'crash-at-write'({ node }, { node: name, write, moment }) {
    const victim = node(name)
    let left = write
    victim.disk.onWrite = when => {
      if (when !== moment || --left > 0) return
      victim.disk.onWrite = undefined
      void victim.crash()
    }
  },
  start: ({ node, backups }, { node: name }) => backups.start(node(name)),
  stop: ({ node }, { node: name }) => node(name).stop(),
  sleep: ({ node }, { node: name }) => node(name).sleep(),
  wake: ({ node }, { node: name }) => node(name).wake(),
  isolate({ world }, { node: name }) {
    for (const other of everyone(world)) if (other !== name) closeBoth(world, name, other)
  },
  partition({ world }, { groups }) {
    const groupOf = new Map(groups.flatMap((names, i) => names.map(name => [name, i] as const)))
    const names = everyone(world)
    for (const a of names) for (const b of names) if (groupOf.get(a) !== groupOf.get(b)) world.network.close(a, b)
  },
  'close-way': ({ world }, { from, to }) => world.network.close(from, to),
  'open-way': ({ world }, { from, to }) => world.network.open(from, to),
  cut: ({ world }, { from, to }) => world.network.cut(from, to),
  connect: ({ node }, { from, to }) => node(from).connect(to),
  disconnect: ({ node }, { from, to }) => node(from).disconnect(to),
  heal: ({ world }) => world.network.heal(),
  clog: ({ world }, { from, to, ms }) => world.network.clog(from, to, ms),
  tamper: ({ world }, { from, to, kind, count }) => world.network.tamper(from, to, kind, count),
  link: ({ world }, { from, to, conditions }) => world.network.setConditions(conditions, from, to),
  clock({ node }, { node: name, by }) {
    node(name).skew += by
    node(name).hasJumped = true
  },
  disk({ node }, { node: name, conditions }) {
    const { disk } = node(name)
    disk.conditions = { ...disk.conditions, ...conditions }
  },
  rot: ({ node, backups }, { node: name, count, where = 'records' }) => backups.rot(node(name), count, where),
  backup: ({ node, backups }, { node: name }) => backups.keep(node(name)),
  restore: ({ node, backups }, { node: name }) => backups.restore(node(name)),
  wipe: ({ node, backups }, { node: name }) => backups.wipe(node(name)),
  want: ({ world, node }, { node: name, interests }) => node(name).want(named(world, interests)),
  clone: ({ node, backups }, { from, to }) => backups.clone(node(from), node(to)),
}

/** Rejects as the first that does; the others go on. */
function several(count: number, make: (i: number) => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: count }, (_, i) => make(i)))
}

function everyone(world: World): string[] {
  return [...world.nodes.keys(), ...world.hostileNames]
}

function closeBoth(world: World, a: string, b: string): void {
  world.network.close(a, b)
  world.network.close(b, a)
}

/** Lets one action happen now. What it starts goes on by itself. */
export function performAction(stage: Stage, action: Action): void {
  const { at: _at, do: type, ...details } = action
  stage.world.record(`do ${type}`, details)
  const done: unknown = (PERFORM[type] as (stage: Stage, action: Action) => unknown)(stage, action)
  if (done instanceof Promise)
    done.catch((error: unknown) => stage.world.violate('no-crash', `${type}: ${String(error)}`))
}
