// `npm run bench -- NAME [--json]`: runs test/bench/NAME.bench.ts against the built package, keeps its results and rewrites
// docs/benchmarks.md from all kept results. With --json standard output carries the report and nothing else.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import type { Benchmark, BenchReport } from './benchmark'
import { renderReport, RESULTS, writeBenchmarksPage } from './page'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const [name = ''] = positionals
const file = new URL(`./${name}.bench.ts`, import.meta.url)
if (!/^[\w-]+$/.test(name) || !existsSync(file)) throw new Error(`no such benchmark: test/bench/${name}.bench.ts`)

const machine = `${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform} ${process.arch}`
process.stderr.write(`${machine}\n`)

const { default: benchmark } = (await import(file.href)) as { default: Benchmark }
const outcome = await benchmark.run()
const report: BenchReport = {
  machine,
  name,
  about: benchmark.about,
  ...('plot' in outcome ? outcome : { results: outcome }),
}

mkdirSync(RESULTS, { recursive: true })
writeFileSync(new URL(`${name}.json`, RESULTS), `${JSON.stringify(report, undefined, 2)}\n`)
await writeBenchmarksPage()
process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : renderReport(report))
