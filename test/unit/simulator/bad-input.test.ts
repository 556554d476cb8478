import { describe, expect, test } from 'vitest'
import {
  type NodeOptions,
  type Plan,
  planOf,
  readRecording,
  runPlan,
  scenarioOf,
  simulate,
  World,
  type WorldOptions,
} from '../../../src/simulator/index'

const refusal = (code: string, field?: string) =>
  expect.objectContaining({ name: 'CosmicError', code, ...(field && { field }) })

describe('scenarios and seeds', () => {
  test.each([
    ['an unknown scenario', () => planOf('curn', 1), 'bad-value', 'scenario', 'did you mean churn?'],
    ['a seed below zero', () => planOf('churn', -1), 'out-of-range', 'seed', undefined],
    ['half a seed', () => planOf('churn', 0.5), 'bad-type', 'seed', 'a whole number'],
    ['the scenario of no seed', () => scenarioOf(NaN), 'bad-type', 'seed', 'a whole number'],
    ['the scenario of a seed below zero', () => scenarioOf(-1), 'out-of-range', 'seed', undefined],
  ])('%s is refused', (_, make, code, field, hint) => {
    expect(make).toThrow(expect.objectContaining({ code, field }))
    expect(make).toThrow(expect.objectContaining(hint === undefined ? {} : { hint }))
  })

  test('simulate rejects in the same way', async () => {
    await expect(simulate({ seed: 1, scenario: 'curn' })).rejects.toEqual(refusal('bad-value', 'scenario'))
    await expect(simulate({ seed: -1 })).rejects.toEqual(refusal('out-of-range', 'seed'))
  })
})

const plan = planOf('churn', 1)
const publish = { at: 0, do: 'publish', node: 'a', count: 1 }

/** Changes of a plan, the code of its refusal and the field. */
const CHANGES: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ['another version', { version: 2 }, 'version', 'plan.version'],
  ['no list of nodes', { nodes: null }, 'bad-type', 'nodes'],
  ['no rounds', { rounds: undefined }, 'missing-field', 'rounds'],
  ['rounds without end', { rounds: Infinity }, 'out-of-range', 'rounds'],
  ['a field that no plan has', { action: [] }, 'unknown-field', 'action'],
  ['a scenario that is no text', { scenario: 7 }, 'bad-type', 'scenario'],
  ['a seed that is none', { seed: NaN }, 'bad-type', 'seed'],
  ['signatures of another kind', { signatures: 'fake' }, 'bad-value', 'signatures'],
  ['periods that never end', { timing: { audit: 0 } }, 'out-of-range', 'timing.audit'],
  ['periods that nobody has', { timing: { audits: 1_000 } }, 'unknown-field', 'timing.audits'],
  ['a node that is none', { nodes: [null] }, 'bad-type', 'nodes[0]'],
  ['a name twice', { nodes: [{ name: 'a' }, { name: 'a' }] }, 'bad-value', 'nodes'],
  ['a name with spaces', { nodes: [{ name: 'a b' }] }, 'bad-value', 'nodes[0].name'],
  ['a skew that is no number', { nodes: [{ name: 'a', skew: NaN }] }, 'out-of-range', 'nodes[0].skew'],
  ['a drift that is no number', { nodes: [{ name: 'a', drift: NaN }] }, 'out-of-range', 'nodes[0].drift'],
  ['the key of nobody', { nodes: [{ name: 'a', identity: 'b' }, { name: 'b' }] }, 'bad-value', 'nodes[0].identity'],
  [
    'a policy misspelt',
    { nodes: [{ name: 'a', retention: { maxAges: 1 } }] },
    'unknown-field',
    'nodes[0].retention.maxAges',
  ],
  [
    'interests misspelt',
    { nodes: [{ name: 'a', interests: [{ tag: 'x' }] }] },
    'unknown-field',
    'nodes[0].interests[0].tag',
  ],
  [
    'interests in nobody',
    { nodes: [{ name: 'a', interests: [{ author: 'x' }] }] },
    'bad-value',
    'nodes[0].interests[0].author',
  ],
  ['a link to nobody', { links: [['a', 'x']] }, 'bad-value', 'links[0].to'],
  ['half a link', { links: [['a']] }, 'bad-type', 'links[0]'],
  ['a link to itself', { links: [['a', 'a']] }, 'bad-value', 'links[0]'],
  ['unknown conditions', { conditions: 'wan' }, 'bad-value', 'conditions'],
  ['impossible conditions', { conditions: { loss: 1 } }, 'out-of-range', 'conditions.loss'],
  ['conditions upside down', { conditions: { latency: [5, 1] } }, 'out-of-range', 'conditions.latency'],
  ['a disk that always fails twice', { disk: { failure: 2 } }, 'out-of-range', 'disk.failure'],
  ['a disk that never answers', { disk: { write: [0, Infinity] } }, 'out-of-range', 'disk.write[1]'],
  [
    'an unknown attack',
    { hostiles: [{ name: 'x', attack: 'tickling', targets: ['a'] }] },
    'bad-value',
    'hostiles[0].attack',
  ],
  [
    'an attack on nobody',
    { hostiles: [{ name: 'x', attack: 'noise', targets: ['y'] }] },
    'bad-value',
    'hostiles[0].targets[0]',
  ],
  [
    'a hostile with the name of a node',
    { hostiles: [{ name: 'a', attack: 'noise', targets: [] }] },
    'bad-value',
    'nodes',
  ],
]

/** The same of one action. */
const ACTIONS: readonly (readonly [string, Record<string, unknown>, string, string])[] = [
  ['an unknown action', { at: 0, do: 'dance' }, 'bad-value', '.do'],
  ['an action of a prototype', { at: 0, do: 'toString' }, 'bad-value', '.do'],
  ['no action', { at: 0 }, 'bad-type', '.do'],
  ['an unknown node', { at: 0, do: 'stop', node: 'x' }, 'bad-value', '.node'],
  ['no node', { at: 0, do: 'stop' }, 'missing-field', '.node'],
  ['a time before the beginning', { at: -1, do: 'heal' }, 'out-of-range', '.at'],
  ['a time that is none', { at: NaN, do: 'heal' }, 'out-of-range', '.at'],
  ['a detail of another action', { at: 0, do: 'heal', node: 'a' }, 'unknown-field', '.node'],
  ['blocks from never', { ...publish, ahead: NaN }, 'out-of-range', '.ahead'],
  ['blocks from the end of time', { ...publish, ahead: 1e20 }, 'out-of-range', '.ahead'],
  ['blocks larger than any may be', { ...publish, bytes: 1e9 }, 'out-of-range', '.bytes'],
  ['half a block', { ...publish, count: 0.5 }, 'out-of-range', '.count'],
  ['notes that never expire', { at: 0, do: 'expire', node: 'a', count: 1 }, 'missing-field', '.after'],
  ['notes that have expired', { at: 0, do: 'expire', node: 'a', count: 1, after: 0 }, 'out-of-range', '.after'],
  ['a crash at no moment', { at: 0, do: 'crash-at-write', node: 'a', write: 1 }, 'missing-field', '.moment'],
  ['a partition without groups', { at: 0, do: 'partition' }, 'missing-field', '.groups'],
  ['a partition of strangers', { at: 0, do: 'partition', groups: [['x']] }, 'bad-value', '.groups'],
  ['a partition with a node on both sides', { at: 0, do: 'partition', groups: [['a'], ['a']] }, 'bad-value', '.groups'],
  ['a way to nobody', { at: 0, do: 'cut', from: 'a', to: 'x' }, 'bad-value', '.to'],
  ['a way to itself', { at: 0, do: 'cut', from: 'a', to: 'a' }, 'bad-value', ''],
  ['unknown tampering', { at: 0, do: 'tamper', from: 'a', to: 'b', kind: 'lick', count: 1 }, 'bad-value', '.kind'],
  [
    'a link that loses all',
    { at: 0, do: 'link', from: 'a', to: 'b', conditions: { loss: 1 } },
    'out-of-range',
    '.conditions.loss',
  ],
  ['a clock that leaves time', { at: 0, do: 'clock', node: 'a', by: 1e15 }, 'out-of-range', '.by'],
  [
    'interests of no kind',
    { at: 0, do: 'want', node: 'a', interests: [{ kind: 7 }] },
    'bad-value',
    '.interests[0].kind',
  ],
  ['rot of something else', { at: 0, do: 'rot', node: 'a', count: 1, where: 'roots' }, 'bad-value', '.where'],
]

describe('plans', () => {
  test.each(CHANGES)('with %s are refused', async (_, changes, code, field) => {
    await expect(runPlan({ ...plan, ...changes } as unknown as Plan)).rejects.toEqual(refusal(code, field))
  })

  test.each(ACTIONS)('with %s are refused', async (_, action, code, field) => {
    const given = { ...plan, actions: [{ at: 0, do: 'heal' }, action] } as unknown as Plan
    await expect(runPlan(given)).rejects.toEqual(refusal(code, `actions[1]${field}`))
  })

  test('whose clocks get too far off in all are refused', async () => {
    const by = 15 * 365 * 86_400_000
    const actions = [1, 2].map(at => ({ at, do: 'clock' as const, node: 'a', by }))
    await expect(runPlan({ ...plan, actions })).rejects.toEqual(refusal('out-of-range', 'actions[1].by'))
  })

  test('with clocks and times at their bounds are carried out', async () => {
    const by = 20 * 365 * 86_400_000
    const actions: Plan['actions'] = [
      { at: 0, do: 'clock', node: 'a', by },
      { at: 1, do: 'publish', node: 'a', count: 1, ahead: 86_400_000 },
      { at: 2, do: 'expire', node: 'a', count: 1, after: by },
      { at: 3, do: 'publish', node: 'b', count: 1, ahead: -by },
    ]
    const nodes = [{ name: 'a' }, { name: 'b', skew: -by }]
    const { violations } = await runPlan({ ...plan, nodes, links: [['a', 'b']], actions })
    expect(violations).toEqual([])
  })

  test('ask for names that are nearly those of the code', async () => {
    const hint = 'did you mean publish?'
    const actions = [{ ...publish, do: 'publsh' }] as unknown as Plan['actions']
    await expect(runPlan({ ...plan, actions })).rejects.toMatchObject({ hint })
  })
})

describe('worlds', () => {
  test.each([
    [null, 'bad-type'],
    [{}, 'missing-field'],
    [{ seed: NaN }, 'bad-type'],
    [{ seed: 1, sed: 2 }, 'unknown-field'],
    [{ seed: 1, timing: { audit: NaN } }, 'out-of-range'],
    [{ seed: 1, signatures: 'none' }, 'bad-value'],
  ])('are not made of %j', async (options, code) => {
    await expect(World.create(options as WorldOptions)).rejects.toEqual(refusal(code))
  })

  test('let no impossible time go by, and take no node that is none', async () => {
    const world = await World.create({ seed: 1 })
    await expect(world.run(NaN)).rejects.toEqual(refusal('out-of-range', 'ms'))
    await expect(world.complete(Promise.resolve(), -1)).rejects.toEqual(refusal('out-of-range', 'ms'))
    await expect(world.addNode('a b')).rejects.toEqual(refusal('bad-value', 'name'))
    await expect(world.addNode('a', { validtor: 1 } as NodeOptions)).rejects.toEqual(
      refusal('unknown-field', 'validtor'),
    )
    expect(world.now).toBe(0)
  })
})

describe('recordings', () => {
  const head = JSON.stringify({ format: 'cosmic-embeddings/recording', version: 1, plan })
  const event = { n: 1, at: 0, cause: 0, type: 'start' }
  const end = { violations: [], digest: '0', totals: {} }

  test.each([
    ['nothing', null, 'bad-type', 'recording'],
    ['no line', '', 'bad-value', 'format'],
    ['no JSON', 'no json', 'bad-json', 'line 1'],
    ['JSON that is no object', `${head}\n7`, 'bad-json', 'line 2'],
    ['something else', '{"format":"else"}', 'bad-value', 'format'],
    ['another version', '{"format":"cosmic-embeddings/recording","version":9}', 'version', 'version'],
    ['no plan', '{"format":"cosmic-embeddings/recording","version":1}', 'bad-type', 'plan'],
    ['an event without number', `${head}\n{"at":0,"cause":0,"type":"start"}`, 'bad-value', 'line 2.n'],
    ['a missing event', `${head}\n${JSON.stringify({ ...event, n: 2 })}`, 'bad-value', 'line 2.n'],
    ['an event at no time', `${head}\n${JSON.stringify({ ...event, at: null })}`, 'bad-type', 'line 2.at'],
    ['a later cause', `${head}\n${JSON.stringify({ ...event, cause: 1 })}`, 'bad-value', 'line 2.cause'],
    ['an event of no type', `${head}\n${JSON.stringify({ ...event, type: 7 })}`, 'bad-type', 'line 2.type'],
    ['an end in the middle', `${head}\n{"end":{}}\n${JSON.stringify(event)}`, 'bad-value', 'line 2.n'],
    ['an end that is none', `${head}\n{"end":null}`, 'bad-type', 'line 2.end'],
    ['an end without totals', `${head}\n${JSON.stringify({ end })}`, 'bad-type', 'line 2.end.totals.time'],
  ])('of %s are refused', (_, given, code, field) => {
    expect(() => readRecording(given as string)).toThrow(expect.objectContaining({ name: 'CosmicError', code, field }))
  })

  test('may begin with a byte order mark', () => {
    expect(readRecording(`\uFEFF${head}\n${JSON.stringify(event)}`)).toEqual(
      readRecording(`${head}\n${JSON.stringify(event)}`),
    )
  })

  test('may hold events of types and with details that are not known yet', () => {
    const odd = { ...event, type: 'eclipse', moon: 'new' }
    expect(readRecording(`${head}\n${JSON.stringify(odd)}`).events).toEqual([odd])
  })
})
