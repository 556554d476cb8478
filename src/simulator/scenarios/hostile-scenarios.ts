import { type AttackName, USUAL_ATTACKS } from '../hostile/attack'
import type { Action } from '../plan'
import { mesh, MINUTE, namesOf, nodesNamed, publications, type Scenario, SECOND, star } from './scenario'

/** Attacks of one siege. */
const AT_ONCE = 7

/** Stories of what others do on purpose. */
export const HOSTILE_SCENARIOS = {
  'one-liar-among-ten': {
    story: 'nine honest agents, one that hands over forged blocks, or other lies, and one that compares without end',
    plan(random) {
      const nodes = nodesNamed(9)
      const names = namesOf(nodes)
      const attack = random.pick<AttackName>([
        'forged-signatures',
        'false-skies',
        'foreign-content',
        'lying-fingerprints',
        'lying-cells',
      ])
      return {
        nodes,
        links: mesh(names, random, 3),
        hostiles: [
          { name: 'liar', attack, targets: random.shuffle(names).slice(0, 3) },
          { name: 'dawdler', attack: 'slow-narrowing', targets: names.slice(0, 1) },
        ],
        actions: publications(names, random, MINUTE, 2),
        rounds: 8,
      }
    },
  },
  siege: {
    story: 'two agents that talk to each other are attacked in several ways at once',
    plan(random, turn) {
      const nodes = nodesNamed(2)
      const names = namesOf(nodes)
      // Every attack has its turn within two hundred seeds over all scenarios.
      const at = (i: number) => USUAL_ATTACKS[(AT_ONCE * turn + i) % USUAL_ATTACKS.length]!
      const attacks = Array.from({ length: AT_ONCE }, (_, i) => at(i))
      return {
        nodes,
        links: [['b', 'a']],
        hostiles: [
          ...attacks.map((attack, i) => ({ name: `foe-${i + 1}`, attack, targets: ['a'] })),
          { name: 'mute', attack: 'falls-silent', targets: ['b'] },
        ],
        actions: publications(names, random, 3 * MINUTE, 4),
        rounds: 6,
      }
    },
  },
  'mallory-in-a-storm': {
    story:
      'a relay is attacked, and somebody says that it is one of its clients, while these crash, sleep and lose their links',
    plan(random) {
      const nodes = nodesNamed(3)
      const [hub, ...others] = namesOf(nodes) as [string, ...string[]]
      const actions: Action[] = publications([hub, ...others], random, 2 * MINUTE)
      for (let i = 0; i < 4; i++) {
        const node = random.pick(others)
        const at = random.below(2 * MINUTE)
        actions.push({ at, do: random.pick(['crash', 'stop', 'sleep'] as const), node })
        const later = at + random.between(5, 40) * SECOND
        actions.push({ at: later, do: 'wake', node }, { at: later, do: 'start', node })
      }
      const attack = random.pick(USUAL_ATTACKS)
      return {
        nodes,
        links: star(hub, others),
        hostiles: [
          { name: 'mallory', attack, targets: [hub] },
          { name: 'eve', attack: 'impersonation', targets: [hub] },
        ],
        actions,
        rounds: 8,
      }
    },
  },
  'strangers-at-the-door': {
    fills: true,
    story:
      'strangers bring more than was asked for: more bytes, more that has to wait, and forged copies of what is held',
    plan: random => ({
      nodes: nodesNamed(2),
      links: [['b', 'a']],
      signatures: 'stand-in',
      hostiles: [
        { name: 'heaper', attack: 'far-future-heap', targets: ['b'] },
        { name: 'copyist', attack: 'other-copy', targets: ['b'] },
        { name: 'spender', attack: 'over-credit', targets: ['a'] },
      ],
      // What comes in waits for the disk, and so does the credit for it.
      actions: [
        { at: 0, do: 'disk', node: 'a', conditions: { write: [1_500, 2_500] } },
        ...publications(['a', 'b'], random, MINUTE),
        { at: 2 * MINUTE, do: 'publish', node: 'a', count: 1 },
      ],
      rounds: 6,
    }),
  },
} satisfies Record<string, Scenario>
