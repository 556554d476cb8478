import { MultiBar, Presets, type SingleBar } from 'cli-progress'
import type { Answer } from './protocol'

const bold = paint(1)
const dim = paint(2)
const WIDTH = Math.max(60, Math.min(process.stdout.columns ?? 100, 120))

function paint(code: number): (text: string) => string {
  const plain = !process.stdout.isTTY || process.env.NO_COLOR !== undefined
  return text => (plain ? text : `\u001b[${code}m${text}\u001b[0m`)
}

export function heading(text: string): void {
  console.log(`\n${bold(text)}`)
}

/** An indented line, broken between words where it is too long for the terminal. */
export function line(text: string): void {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1)!
    if (last !== '' && last.length + word.length > WIDTH - 4) lines.push(`  ${word}`)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  for (const each of lines) console.log(`  ${each}`)
}

/** A bar a name on a terminal; a plain line at every quarter elsewhere. */
export class Bars {
  readonly #bars = new MultiBar(
    { format: '  {name} [{bar}] {value}/{total} {label}', barsize: 24, clearOnComplete: false, hideCursor: true },
    Presets.shades_classic,
  )
  readonly #byName = new Map<string, SingleBar>()
  readonly #quarters = new Map<string, number>()

  update(name: string, label: string, done: number, total: number): void {
    if (!process.stdout.isTTY) return this.#plain(name, label, done, total)
    const key = `${name} ${label}`
    const bar = this.#byName.get(key) ?? this.#bars.create(total, 0)
    this.#byName.set(key, bar)
    bar.update(done, { name: name.padEnd(6), label })
  }

  /** Leaves the finished bars where they are. */
  stop(): void {
    this.#bars.stop()
  }

  #plain(name: string, label: string, done: number, total: number): void {
    const key = `${name} ${label}`
    const quarter = Math.floor((4 * done) / total)
    if (quarter === (this.#quarters.get(key) ?? 0)) return
    this.#quarters.set(key, quarter)
    line(`${name} ${done}/${total} ${label}`)
  }
}

/** Answers as a table whose text column takes what room is left. */
export function printAnswers(question: string, answers: readonly Answer[], nameOf: (did: string) => string): void {
  console.log(`\n  ${bold(`“${question}”`)}`)
  for (const { text, score, standard, author, verdict, sky } of answers) {
    const facts = `${score.toFixed(2)}  ${standard.toFixed(1)}σ  ${verdict.padEnd(7)} ${nameOf(author).padEnd(6)}`
    console.log(`  ${facts} ${shorten(text, WIDTH - facts.length - 4)}`)
    console.log(dim(`  ${' '.repeat(facts.length)} ${shorten(sky, WIDTH - facts.length - 4)}`))
  }
}

export function printTable(rows: readonly (readonly [string, ...string[]])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  rows.forEach((row, i) => {
    const text = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    )
    console.log(`  ${i === 0 ? bold(text.join('  ')) : text.join('  ')}`)
  })
}

function shorten(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`
}
