import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CosmicError } from '../../src/base/index'
import { checkPlan } from '../../src/simulator/check-plan'
import { type Plan, planOf, readRecording, RecordingWriter, runPlan, SCENARIOS } from '../../src/simulator/index'

const scenarios = Object.keys(SCENARIOS)

/** Whether it is taken; what is refused is refused with a code and a field. */
function isTaken(take: () => void): boolean {
  try {
    take()
    return true
  } catch (error) {
    expect(error).toBeInstanceOf(CosmicError)
    expect((error as CosmicError).field).toMatch(/\S/)
    return false
  }
}

/** Values that are often at the edge of what can be. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    NaN,
    Infinity,
    -Infinity,
    -0,
    -1,
    0.5,
    1e20,
    2 ** 53,
    '',
    'a',
    true,
    [],
    {},
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString', 'b', 'random', 'heal'),
  fc.jsonValue({ maxDepth: 2 }),
)

/** The paths of everything in plain data. */
function pathsIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([name, each]) =>
    pathsIn(each, [...path, Array.isArray(value) ? Number(name) : name]),
  )
  return [path, ...inner]
}

function replaced(value: unknown, [name, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (name === undefined) return by
  if (Array.isArray(value)) return value.with(Number(name), replaced(value[Number(name)], rest, by))
  const fields = value as Record<string, unknown>
  return { ...fields, [name]: replaced(fields[name], rest, by) }
}

/** A plan of a scenario, in which one value is another. */
const changed = (names: readonly string[]) =>
  fc
    .record({ name: fc.constantFrom(...names), seed: fc.nat(50), at: fc.nat(), by: odd })
    .map(({ name, seed, at, by }) => {
      const plan = planOf(name, seed)
      const paths = pathsIn(plan)
      return replaced(plan, paths[at % paths.length]!, by)
    })

test('any data as a plan is taken or refused by its field', () => {
  fc.assert(fc.property(fc.anything(), data => void isTaken(() => checkPlan(data))))
  fc.assert(
    fc.property(changed(scenarios), data => void isTaken(() => checkPlan(data))),
    { numRuns: 2_000 },
  )
})

test('every plan that a scenario makes can be', () => {
  for (const name of scenarios) for (let seed = 0; seed < 20; seed++) checkPlan(planOf(name, seed))
})

test('a plan with another value in it runs to its end, or is refused before anything happens', async () => {
  const quick = fc.constantFrom(
    'churn',
    'crash-at-any-write',
    'sick-disks',
    'notes-that-expire',
    'two-laptops-on-a-train',
  )
  const small = fc
    .record({ name: quick, seed: fc.nat(20), at: fc.nat(), by: odd })
    .map(({ name, seed, at, by }): unknown => {
      const { nodes, links, actions, ...rest } = planOf(name, seed)
      const plan = { ...rest, nodes, links, actions: actions.slice(0, 8), rounds: 3, signatures: 'stand-in' }
      const paths = pathsIn(plan)
      return replaced(plan, paths[at % paths.length]!, by)
    })
  await fc.assert(
    fc.asyncProperty(small, async plan => {
      const given = plan as Plan
      if (isTaken(() => checkPlan(plan))) expect((await runPlan(given)).totals.recorded).toBeGreaterThan(0)
      else await expect(runPlan(given)).rejects.toBeInstanceOf(CosmicError)
    }),
    { numRuns: 40 },
  )
}, 60_000)

test('any text as a recording is taken or refused by its field, and so is one with another value in a line', async () => {
  fc.assert(fc.property(fc.anything(), data => void isTaken(() => readRecording(data as string))))
  const lines: string[] = []
  const plan: Plan = { ...planOf('small-differences', 1), actions: [] }
  const writer = new RecordingWriter(plan, line => lines.push(line))
  writer.end(await runPlan(plan, { onEvent: event => writer.event(event) }))
  expect(isTaken(() => readRecording(lines.join('\n')))).toBe(true)
  const altered = fc.record({ line: fc.nat(lines.length - 1), at: fc.nat(), by: odd }).map(({ line, at, by }) => {
    const value: unknown = JSON.parse(lines[line]!)
    const paths = pathsIn(value)
    return lines.with(line, String(JSON.stringify(replaced(value, paths[at % paths.length]!, by)))).join('\n')
  })
  fc.assert(
    fc.property(altered, text => void isTaken(() => readRecording(text))),
    { numRuns: 500 },
  )
})
