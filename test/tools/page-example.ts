import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, vi } from 'vitest'

const ROOT = new URL('../../', import.meta.url)

/** The text of a page of `docs/`. */
export const pageOf = (name: string): string => readFileSync(new URL(`docs/${name}`, ROOT), 'utf8')

/**
 * Runs the first example of a page (after the heading `below`, if it is given) that is followed by what it prints, against the
 * sources, and expects it to print that. What its text calls `./agent-memory` is a folder that goes away with the test.
 */
export async function expectPrinted(name: string, { below }: { readonly below?: string } = {}): Promise<void> {
  const page = pageOf(name)
  const part = below ? page.slice(page.indexOf(`\n${below}\n`)) : page
  const [, example = '', output = ''] = /^```ts\n(.*?)^```\n\n^```\n(.*?)^```/ms.exec(part) ?? []
  expect(output.trim()).not.toBe('')
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-page-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, 'example.ts')
  const text = example
    .replaceAll(/'cosmic-embeddings(\/[\w/-]+)?'/g, (_, subpath?: string) => `'${sourceOf(subpath)}'`)
    .replaceAll(`'./agent-memory'`, `'${path.join(folder, 'agent-memory')}'`)
  writeFileSync(file, text)
  const log = vi.spyOn(console, 'log').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  await import(/* @vite-ignore */ file)
  expect(log.mock.calls.map(parts => parts.join(' ')).join('\n')).toBe(output.trim())
}

const sourceOf = (subpath: string | undefined): string =>
  fileURLToPath(new URL(subpath ? `src/adapters${subpath}.ts` : 'src/index.ts', ROOT))
