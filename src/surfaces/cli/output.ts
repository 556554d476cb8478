import type { CliHost } from './host'

export type OutputMode = 'text' | 'json' | 'jsonl'

/** What a command answers: lines for people, one JSON value, or one JSON value a line. */
export class Output {
  readonly #host: CliHost
  readonly #mode: OutputMode
  readonly #items: unknown[] = []

  constructor(host: CliHost, mode: OutputMode) {
    this.#host = host
    this.#mode = mode
  }

  /** One of a list. */
  item(value: unknown, text: string): void {
    if (this.#mode === 'json') this.#items.push(value)
    else this.#host.out(`${this.#mode === 'text' ? text : JSON.stringify(value)}\n`)
  }

  /** Runs what tells a list, and ends it: what was told before a failure is answered too, since it was done. */
  async list(tell: () => Promise<void>): Promise<void> {
    try {
      await tell()
    } catch (error) {
      if (this.#items.length > 0) this.end()
      throw error
    }
    this.end()
  }

  /** The end of a list. */
  end(): void {
    if (this.#mode === 'json') this.#host.out(`${JSON.stringify(this.#items, undefined, 2)}\n`)
  }

  /** The one answer. */
  answer(value: unknown, text: string): void {
    if (this.#mode === 'text') this.#host.out(`${text}\n`)
    else this.#host.out(`${JSON.stringify(value, undefined, this.#mode === 'json' ? 2 : undefined)}\n`)
  }
}

const EVERY_MS = 200
const EVERY_MS_IN_LOGS = 5_000

/** How far long work has come: one line that is written over on a terminal, a line every few seconds in a log. */
export class Progress {
  readonly #host: CliHost
  #last = 0
  #isShown = false

  constructor(host: CliHost) {
    this.#host = host
    this.#last = performance.now()
  }

  report(text: string): void {
    const now = performance.now()
    const { hasTerminal } = this.#host
    if (now - this.#last < (hasTerminal ? EVERY_MS : EVERY_MS_IN_LOGS)) return
    this.#last = now
    this.#host.err(hasTerminal ? `\r\u001b[K${text}` : `${text}\n`)
    this.#isShown = hasTerminal
  }

  end(): void {
    if (this.#isShown) this.#host.err('\r\u001b[K')
  }
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const
export type Paint = keyof typeof CODES

/** Colour for people, where there is any (ECMA-48, SGR). */
export function paint({ hasColor }: CliHost, color: Paint, text: string): string {
  return hasColor ? `\u001b[${CODES[color]}m${text}\u001b[0m` : text
}

/** What would steer a terminal, or turn the direction of writing; line feeds and tabs excepted. */
const STEERING = /(?![\n\t])[\p{C}\p{Zl}\p{Zp}]/gu

/** Foreign text on a terminal, which control characters in it could rewrite. */
export function plain(text: string): string {
  return text.replace(STEERING, '\ufffd')
}
