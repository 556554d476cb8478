// `npm run test:long [-- NAME…] [-- --seed N]`: runs test/long/NAME.long.ts, or all of them, against the built package, keeps
// their summaries and rewrites docs/long-runs.md from all kept ones. A violation ends it with its seed.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { table } from '../tools/markdown-table.mjs'
import type { LongRun, LongRunReport } from './long-run'

const FOLDER = new URL('./', import.meta.url)
const RESULTS = new URL('results/', FOLDER)
const PAGE = new URL('../../docs/long-runs.md', import.meta.url)
const SUFFIX = '.long.ts'

const HEAD = `# Long runs

This page is the output of \`npm run test:long -- NAME\`, rewritten by every run. Shorter versions of the same runs are part
of \`npm test\`. A run that violates what it checks ends with the seed that repeats it.
`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string', default: '1' } },
})
const known = readdirSync(FOLDER)
  .filter(file => file.endsWith(SUFFIX))
  .map(file => file.slice(0, -SUFFIX.length))
const machine = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`

for (const name of positionals.length === 0 ? known : positionals) {
  if (!known.includes(name))
    throw new Error(`no such long run: test/long/${name}${SUFFIX}; there are ${known.join(', ')}`)
  await keep(name, Number(values.seed))
}
await writePage()

async function keep(name: string, seed: number): Promise<void> {
  const { default: longRun } = (await import(new URL(name + SUFFIX, FOLDER).href)) as { default: LongRun }
  const say = (line: string) => process.stderr.write(`» ${name}: ${line}\n`)
  say(`seed ${seed}`)
  const start = performance.now()
  const summary = await longRun.run(seed, say)
  const minutes = Number(((performance.now() - start) / 60_000).toFixed(1))
  const report: LongRunReport = { name, about: longRun.about, machine, seed, minutes, summary }
  mkdirSync(RESULTS, { recursive: true })
  writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(report, undefined, 2)}\n`)
  process.stdout.write(section(report))
}

async function writePage(): Promise<void> {
  const reports = readdirSync(RESULTS)
    .sort()
    .map(file => JSON.parse(readFileSync(new URL(file, RESULTS), 'utf8')) as LongRunReport)
  const options = await resolveConfig(PAGE.pathname)
  writeFileSync(PAGE, await format([HEAD, ...reports.map(section)].join('\n'), { ...options, parser: 'markdown' }))
}

function section({ name, about, machine: where, seed, minutes, summary }: LongRunReport): string {
  const rows = Object.entries(summary).map(([what, value]) => [what, value.toLocaleString('en-US')])
  const command = `\`npm run test:long -- ${name} --seed ${seed}\``
  return `## ${name}\n\n${about}\n\n${command}, ${minutes} minutes on ${where}\n\n${table(['what', 'result'], rows)}\n`
}
