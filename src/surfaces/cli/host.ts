/** What the command line needs from its process, so that tests can stand in for it. */
export interface CliHost {
  out(text: string): void
  err(text: string): void
  /** Aborted when the user asks to stop (Ctrl-C). */
  readonly stop: AbortSignal
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Standard input. */
  input(): AsyncIterable<Uint8Array>
  /** Asks whoever sits before it; absent where nobody does. */
  readonly ask?: (question: string) => Promise<string>
  /** Whether standard error is a terminal, on which a line can be written over. */
  readonly hasTerminal: boolean
  /** Whether standard output takes colours: a terminal, and nobody said `NO_COLOR` (https://no-color.org). */
  readonly hasColor?: boolean
}

/** Exit codes: documented in `--help`, and stable. */
export const EXIT = { done: 0, failed: 1, usage: 2, refused: 3, deferred: 4, stopped: 130 } as const
