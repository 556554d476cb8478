import type { ScaleMark } from './grid'
import type { Point, Projection } from './projection'
import { element, escapeText } from './svg'

/** A mark of the chart that may carry a name. */
export interface Mark {
  readonly at: Point
  /** Pixels. */
  readonly radius: number
  readonly label: string
  /** A label that must be shown is, whatever it covers. */
  readonly required: boolean
}

/** A part of the drawing that names keep clear of. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const FONT_SIZE = 11
/** Mean advance of a letter in a humanist sans serif, in font sizes; wide enough for most. */
const ADVANCE = 0.58
const GAP = 3
/** Pixels between two names on one line, which would read as one. */
const SPACE = 4

/** Where a name may stand, as steps right and down from its mark; those two steps away get a line to their mark. */
const NEAR = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [0.8, 1],
  [-0.8, 1],
  [0.8, -1],
  [-0.8, -1],
] as const
const FAR = NEAR.slice(2).map(([right, down]) => [right * 1.4, down * 2.4] as const)

/**
 * The names of marks, each beside its own, wherever it covers no other name, no mark and nothing else that is drawn. Earlier marks choose first; a name
 * that finds no place is left out unless it is required.
 */
export function placeLabels(marks: readonly Mark[], projection: Projection, drawn: readonly Box[]): string {
  const taken: Box[] = [...marks.map(({ at, radius }) => around(at, radius, radius)), ...drawn]
  const written: string[] = []
  for (const [index, mark] of marks.entries()) {
    const isFree = (box: Box) =>
      inside(box, projection) && taken.every((other, i) => i === index || !overlap(box, other))
    const near = boxesOf(mark, NEAR).find(isFree)
    const far = mark.required && !near ? boxesOf(mark, FAR).find(isFree) : undefined
    const box = near ?? far ?? (mark.required ? boxesOf(mark, NEAR)[0] : undefined)
    if (box === undefined) continue
    taken.push({ ...box, left: box.left - SPACE, right: box.right + SPACE })
    if (far) written.push(leader(mark.at, far))
    written.push(
      element(
        'text',
        { class: 'name', x: (box.left + box.right) / 2, y: box.bottom - 2.5, 'text-anchor': 'middle' },
        escapeText(mark.label),
      ),
    )
  }
  return written.join('')
}

/** What the degrees of a scale cover. */
export function boxOf({ at: { x, y }, text }: ScaleMark): Box {
  return { left: x, top: y - FONT_SIZE, right: x + text.length * FONT_SIZE * ADVANCE, bottom: y }
}

function boxesOf({ at, radius, label }: Mark, places: readonly (readonly [number, number])[]): Box[] {
  const [width, height] = [label.length * FONT_SIZE * ADVANCE, FONT_SIZE + 1]
  const aside = radius + GAP + width / 2
  const along = radius + GAP / 2 + height / 2
  return places.map(([right, down]) =>
    around({ x: at.x + right * aside, y: at.y + down * along }, width / 2, height / 2),
  )
}

function leader({ x, y }: Point, { left, top, right, bottom }: Box): string {
  const y2 = top > y ? top : bottom
  return element('line', { class: 'leader', x1: x, y1: y, x2: (left + right) / 2, y2 })
}

function around({ x, y }: Point, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, top: y - halfHeight, right: x + halfWidth, bottom: y + halfHeight }
}

function inside({ left, top, right, bottom }: Box, projection: Projection): boolean {
  return [left, right].every(x => [top, bottom].every(y => projection.holds({ x, y })))
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}
