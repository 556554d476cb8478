// Rewrites the generated pages of docs/: the sky gallery, the measured table of cosmic-validation.md, and the settings.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DOCS, forgeryTable, makeGallery, withMeasured } from './pages'
import { openApiText, settingsSchema, settingsTable } from './settings'

mkdirSync(new URL('sky-gallery/', DOCS), { recursive: true })
for (const [file, text] of await makeGallery()) {
  writeFileSync(new URL(file, DOCS), text)
  console.log(`docs/${file}`)
}

const page = new URL('cosmic-validation.md', DOCS)
console.log('docs/cosmic-validation.md: measuring how far a claim may be off')
writeFileSync(page, await withMeasured(readFileSync(page, 'utf8'), forgeryTable()))

const settings = new URL('command-line.md', DOCS)
console.log('docs/command-line.md, docs/spec/config.schema.json, docs/spec/openapi.json')
writeFileSync(settings, await withMeasured(readFileSync(settings, 'utf8'), await settingsTable()))
writeFileSync(new URL('spec/config.schema.json', DOCS), await settingsSchema())
writeFileSync(new URL('spec/openapi.json', DOCS), await openApiText())
