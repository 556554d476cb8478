// Rewrites the generated pages of docs/: the sky gallery, and the measured table of cosmic-validation.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DOCS, forgeryTable, makeGallery, withMeasured } from './pages'

mkdirSync(new URL('sky-gallery/', DOCS), { recursive: true })
for (const [file, text] of await makeGallery()) {
  writeFileSync(new URL(file, DOCS), text)
  console.log(`docs/${file}`)
}

const page = new URL('cosmic-validation.md', DOCS)
console.log('docs/cosmic-validation.md: measuring how far a claim may be off')
writeFileSync(page, await withMeasured(readFileSync(page, 'utf8'), forgeryTable()))
