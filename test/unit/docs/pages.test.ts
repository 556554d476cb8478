import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { measureForgeries, SHIFTS } from '../../tools/docs/forgery'
import { DOCS, makeGallery, withMeasured } from '../../tools/docs/pages'
import { openApiText, settingsSchema, settingsTable } from '../../tools/docs/settings'

test('the sky gallery is what `npm run docs` draws, and holds nothing else', async () => {
  const pages = await makeGallery()
  for (const [file, text] of pages) expect(readFileSync(new URL(file, DOCS), 'utf8'), file).toBe(text)
  const kept = readdirSync(new URL('sky-gallery/', DOCS)).map(file => `sky-gallery/${file}`)
  expect(new Set(kept)).toEqual(new Set([...pages.keys()].filter(file => file.endsWith('.svg'))))
})

test('the table of forgeries names every shift, and other moments give figures like those it states', () => {
  const page = readFileSync(new URL('cosmic-validation.md', DOCS), 'utf8')
  const again = measureForgeries(25, 2)
  for (const [i, { name, unit }] of SHIFTS.entries()) {
    const [, median, unitStated] = new RegExp(`\\| ${name} +\\| ([\\d.,]+) (\\w+)`).exec(page)!
    const stated = Number(median!.replaceAll(',', ''))
    expect(unitStated).toBe(unit)
    expect(again[i]!.median).toBeGreaterThan(stated / 2)
    expect(again[i]!.median).toBeLessThan(stated * 2)
  }
})

test('settings, their schema and the HTTP API stand in the docs as `npm run docs` writes them', async () => {
  const page = readFileSync(new URL('command-line.md', DOCS), 'utf8')
  expect(await withMeasured(page, await settingsTable())).toBe(page)
  expect(readFileSync(new URL('spec/config.schema.json', DOCS), 'utf8')).toBe(await settingsSchema())
  expect(readFileSync(new URL('spec/openapi.json', DOCS), 'utf8')).toBe(await openApiText())
})
