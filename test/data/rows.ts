import { readFileSync } from 'node:fs'

/** The rows of a CSV file beside this one, by column name. */
export function rows(file: string): Record<string, string>[] {
  const [head, ...lines] = readFileSync(new URL(file, import.meta.url), 'utf8')
    .trim()
    .split(/\r?\n/)
  const columns = head!.split(',')
  return lines.map(line => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, i) => [column, cells[i] ?? '']))
  })
}
