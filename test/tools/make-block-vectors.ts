// Writes test/vectors/blocks/*.json: `npx tsx test/tools/make-block-vectors.ts`. It shares no code with `src/`.
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openings } from './block-vectors/openings'
import { refusedFields } from './block-vectors/refused-fields'
import { refusedForms } from './block-vectors/refused-form'
import { refusedSignatures } from './block-vectors/refused-signatures'
import { validVectors } from './block-vectors/valid'

export const VECTORS = fileURLToPath(new URL('../vectors/blocks/', import.meta.url))

/** The content of every file, by its name: always the same. */
export function makeBlockVectors(): Readonly<Record<string, string>> {
  return {
    'valid.json': lines(validVectors()),
    'openings.json': lines(openings()),
    'refused-form.json': lines(refusedForms()),
    'refused-fields.json': lines(refusedFields()),
    'refused-signatures.json': lines(refusedSignatures()),
  }
}

/** A vector a line, so that a change shows as the vectors it concerns. */
function lines(vectors: readonly object[]): string {
  return `[\n${vectors.map(vector => JSON.stringify(vector)).join(',\n')}\n]\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, content] of Object.entries(makeBlockVectors())) writeFileSync(VECTORS + name, content)
}
