import { format, resolveConfig } from 'prettier'
import { table } from '../markdown-table.mjs'
import { measureForgeries, type Forgery } from './forgery'
import { drawGallery } from './gallery'

/** Where the pages stand. */
export const DOCS = new URL('../../../docs/', import.meta.url)

/** How many honest skies the table of forgeries is measured on, and the seed that scatters them. */
const SAMPLES = 300
const SEED = 1

const GALLERY_HEAD = `# Sky gallery

Charts made by \`renderSkyChart\` from \`cosmic-embeddings/sky\`: SVG text without script, light or dark as the reader’s system
is. \`npm run docs\` draws this page anew. A chart shows what a block claims; anyone can compute a sky.
`

/** Every generated file of docs/, by its path there. */
export async function makeGallery(): Promise<Map<string, string>> {
  const pictures = drawGallery()
  const sections = pictures.map(
    ({ file, title, text }) => `## ${title}\n\n${text}\n\n![${title}](sky-gallery/${file}.svg)\n`,
  )
  const page = await markdown([GALLERY_HEAD, ...sections].join('\n'))
  return new Map([
    ['sky-gallery.md', page],
    ...pictures.map(({ file, svg }): [string, string] => [`sky-gallery/${file}.svg`, `${svg}\n`]),
  ])
}

/** The measured table of docs/cosmic-validation.md. */
export function forgeryTable(): string {
  const rows = measureForgeries(SAMPLES, SEED).map(({ name, unit, ...figures }) => [
    name,
    ...[figures.median, figures.high, figures.worst].map(value => amount(value, unit)),
  ])
  return table(['what is off', 'median', '95 % caught from', 'always caught from'], rows)
}

/** Two significant digits, rounded up: a smaller shift may go unnoticed. */
function amount(value: number, unit: Forgery['unit']): string {
  if (value === Infinity) return 'never'
  const step = 10 ** (Math.floor(Math.log10(value)) - 1)
  return `${Number((Math.ceil(value / step) * step).toPrecision(2)).toLocaleString('en-US')} ${unit}`
}

/** A page with the text between its two comments replaced. */
export async function withMeasured(page: string, measured: string): Promise<string> {
  const [head, rest] = page.split('<!-- measured -->')
  const tail = rest?.split('<!-- end -->')[1]
  if (head === undefined || tail === undefined) throw new Error('the page has no place for what is measured')
  return markdown(`${head}<!-- measured -->\n\n${measured}\n\n<!-- end -->${tail}`)
}

async function markdown(text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(DOCS.pathname)), parser: 'markdown' })
}
