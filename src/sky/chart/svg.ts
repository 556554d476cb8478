/** Attributes of an element; numbers are written with at most two decimals, which is a hundredth of a pixel. */
export type Attributes = Readonly<Record<string, string | number>>

/** One SVG element around markup that is finished. */
export function element(name: string, attributes: Attributes, ...content: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attributeText(value)}"`)
  const open = `<${name}${written.join('')}`
  return content.length === 0 ? `${open}/>` : `${open}>${content.join('')}</${name}>`
}

/** What XML 1.0 cannot hold in any form (section 2.2, Char): control characters and halves of surrogate pairs. */
// eslint-disable-next-line no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/gu

/** Text as markup: what a name holds can neither end an element nor begin one. */
export function escapeText(text: string): string {
  return text
    .replaceAll(UNWRITABLE, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Path data from alternating letters and coordinates. */
export function path(...parts: readonly (string | number)[]): string {
  return parts.map(part => (typeof part === 'number' ? decimal(part) : part)).join(' ')
}

function attributeText(value: string | number): string {
  return typeof value === 'number' ? decimal(value) : escapeText(value)
}

/** `+ 0` writes −0 as 0. */
function decimal(value: number): string {
  return String(Math.round(value * 100) / 100 + 0)
}
