import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { nip77 } from 'nostr-tools'
import { describe, expect, test } from 'vitest'
import { seeded } from '../../long/mutate'
import { NegentropyLines } from '../../tools/negentropy-lines'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What speaks the harness's lines: ours, or that of nostr-tools, which is a client only, and whose times have 32 bits. */
interface Side {
  take(line: string): string[]
}

class Other implements Side {
  readonly #storage = new nip77.NegentropyStorageVector()
  #machine: nip77.Negentropy | undefined
  readonly #bytes: number

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  take(line: string): string[] {
    const [command, first, second] = line.split(',')
    if (command === 'item') this.#storage.insert(Number(first), second!)
    if (command === 'seal') {
      this.#storage.seal()
      this.#machine = new nip77.Negentropy(this.#storage, this.#bytes || Number.MAX_SAFE_INTEGER)
    }
    if (command === 'initiate') return [`msg,${this.#machine!.initiate()}`]
    if (command !== 'msg') return []
    const found: string[] = []
    const reply = this.#machine!.reconcile(
      first!,
      id => found.push(`have,${id}`),
      id => found.push(`need,${id}`),
    )
    return [...found, reply === null ? 'done' : `msg,${reply}`]
  }
}

interface Items {
  readonly common: readonly string[]
  readonly mine: readonly string[]
  readonly theirs: readonly string[]
}

/** `item` lines. Clustered times share few values, others are spread. */
function draw(
  seed: number,
  counts: readonly [number, number, number],
  time: (draw: (bound: number) => number) => bigint,
): Items {
  const random = seeded(seed)
  const line = () => {
    const id = Array.from({ length: 32 }, () => random(256).toString(16).padStart(2, '0')).join('')
    return `item,${time(random)},${id}`
  }
  const [common, mine, theirs] = counts.map(count => Array.from({ length: count }, line)) as [
    string[],
    string[],
    string[],
  ]
  return { common, mine, theirs }
}

/** Runs two sides to the end. Answers what the first one learnt, and all messages. */
function reconcile(first: Side, second: Side, { common, mine, theirs }: Items, limit = 0) {
  for (const line of [...common, ...mine, 'seal']) first.take(line)
  for (const line of [...common, ...theirs, 'seal']) second.take(line)
  const found: string[] = []
  const messages: string[] = []
  let lines = first.take('initiate')
  while (lines.at(-1) !== 'done') {
    const question = lines.at(-1)!
    const answer = second.take(question).at(-1)!
    messages.push(question, answer)
    if (limit > 0) for (const message of [question, answer]) expect((message.length - 4) / 2).toBeLessThanOrEqual(limit)
    lines = first.take(answer)
    found.push(...lines.slice(0, -1))
    expect(messages.length).toBeLessThan(500)
  }
  return { found: [...new Set(found)].sort(), messages }
}

const expected = ({ mine, theirs }: Items) => {
  const idOf = (line: string) => line.split(',')[2]!
  return [...mine.map(line => `have,${idOf(line)}`), ...theirs.map(line => `need,${idOf(line)}`)].sort()
}

const seconds = (random: (bound: number) => number) => BigInt(1_600_000_000 + random(100_000_000))
const clustered = (random: (bound: number) => number) => BigInt(1_600_000_000 + random(5))
const milliseconds = (random: (bound: number) => number) => 1_600_000_000_000n + BigInt(random(2 ** 36))
const wide = (random: (bound: number) => number) =>
  [0n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 2n - 2n ** 32n][random(5)]! + BigInt(random(2 ** 32))

const COUNTS: readonly (readonly [number, number, number])[] = [
  [0, 0, 0],
  [0, 40, 3],
  [31, 0, 1],
  [32, 1, 0],
  [5000, 1, 0],
  [5000, 0, 1],
  [2000, 300, 200],
  [100, 4000, 4000],
]

describe.each([
  ['seconds', seconds],
  ['five seconds', clustered],
])('beside the Negentropy of nostr-tools, %s', (_, time) => {
  test.each(COUNTS)('%i in common, %i and %i alone: the same difference, and the same bytes', (...counts) => {
    const items = draw(counts[1] + 1, counts, time)
    const ours = reconcile(new NegentropyLines(0), new NegentropyLines(0), items)
    const others = reconcile(new Other(0), new NegentropyLines(0), items)
    expect(ours.found).toEqual(expected(items))
    expect(others).toEqual(ours)
  })

  test.each([4096, 20_000])('messages of %i bytes', limit => {
    const items = draw(limit, [100, 3000, 3000], time)
    for (const first of [new NegentropyLines(limit), new Other(limit)])
      expect(reconcile(first, new NegentropyLines(limit), items, limit).found).toEqual(expected(items))
  })
})

describe.each([
  ['milliseconds', milliseconds],
  ['all of u64', wide],
])('with itself, %s', (_, time) => {
  test.each(COUNTS)('%i in common, %i and %i alone', (...counts) => {
    const items = draw(counts[1] + 1, counts, time)
    for (const limit of [0, 4096])
      expect(reconcile(new NegentropyLines(limit), new NegentropyLines(limit), items, limit).found).toEqual(
        expected(items),
      )
  })
})

test('the program speaks on standard input and output, and bounds its messages by FRAMESIZELIMIT', async () => {
  const program = spawn(
    process.execPath,
    ['node_modules/tsx/dist/cli.mjs', '--tsconfig', '.config/tsconfig.run.json', 'test/tools/negentropy.ts'],
    {
      cwd: ROOT,
      env: { ...process.env, FRAMESIZELIMIT: '4096' },
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  const items = draw(1, [0, 1000, 0], milliseconds)
  program.stdin.end(`${[...items.mine, 'seal', `msg,6100000200`, 'msg,62'].join('\n')}\n`)
  const lines: string[] = []
  for await (const line of createInterface({ input: program.stdout })) lines.push(line)
  expect(lines[0]!.length).toBeLessThanOrEqual(4 + 2 * 4096)
  expect(lines[0]!.length).toBeGreaterThan(7000)
  expect(lines[1]).toBe('msg,61')
})
