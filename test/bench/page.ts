import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { format, resolveConfig } from 'prettier'
import { table } from '../tools/markdown-table.mjs'
import type { BenchReport } from './benchmark'
import { renderPlot } from './search/plot'

/** Where the committed reports stand, one file a benchmark. */
export const RESULTS = new URL('results/', import.meta.url)
const IMAGES = new URL('../../docs/images/', import.meta.url)
const PAGE = new URL('../../docs/benchmarks.md', import.meta.url)

const HEAD = `# Benchmarks

This page is the output of \`npm run bench -- NAME\`, rewritten by every run. Each figure is the median of several rounds, in
which ours and the named peers take turns. Absolute figures drift by a fifth and more from run to run and machine to machine;
the ratios, measured in one run, hold. **A ratio above 1 means that ours is better.**
`

/** Rewrites docs/benchmarks.md from all kept reports. */
export async function writeBenchmarksPage() {
  const files = readdirSync(RESULTS)
    .filter(file => file.endsWith('.json'))
    .sort()
  const reports = files.map(file => JSON.parse(readFileSync(new URL(file, RESULTS), 'utf8')) as BenchReport)
  mkdirSync(IMAGES, { recursive: true })
  for (const { name, plot } of reports) if (plot) writeFileSync(imageOf(name), renderPlot(plot.title, plot.curves))
  const text = [HEAD, ...reports.map(report => section(report))].join('\n')
  const options = await resolveConfig(PAGE.pathname)
  writeFileSync(PAGE, await format(text, { ...options, parser: 'markdown' }))
}

function imageOf(name: string): URL {
  return new URL(`./${name}.svg`, IMAGES)
}

function section(report: BenchReport): string {
  const image = report.plot
    ? `\n![${report.plot.title}: recall against searches a second](images/${report.name}.svg)\n`
    : ''
  return `## ${report.name}\n\n${report.about}\n\n\`npm run bench -- ${report.name}\` on ${report.machine}\n\n${renderReport(report)}${image}`
}

/** One row a case. */
export function renderReport({ results }: BenchReport): string {
  const rows = results.map(result => [
    result.case,
    `${result.value.toLocaleString('en-US')} ${result.unit}`,
    Object.entries(result.ratios)
      .map(([peer, ratio]) => `${ratio} × ${peer}`)
      .join(', '),
  ])
  return `${table(['case', 'ours', 'ratio'], rows)}\n`
}
