import { oneDegreeTowards, radians, separation, type Direction, type Projection } from './projection'
import { element, path } from './svg'

/**
 * The Moon with its phase: lit towards the Sun as the drawing shows it, by the elongation between the two, which is the
 * phase angle's supplement to within 0.15°. Without the Sun the disc is full.
 */
export function moonDisc(moon: Direction, sun: Direction | undefined, radius: number, projection: Projection): string {
  const { x, y } = projection.project(moon)
  const disc = element('circle', { class: sun ? 'moon-dark' : 'moon-lit', cx: x, cy: y, r: radius })
  if (!sun) return disc
  const elongation = separation(moon, sun)
  const towards = projection.project(oneDegreeTowards(moon, sun))
  const angle = (Math.atan2(towards.y - y, towards.x - x) * 180) / Math.PI
  // The terminator is half an ellipse whose short axis shrinks to nothing at the quarters.
  const short = radius * Math.abs(Math.cos(radians(elongation)))
  const sweep = elongation > 90 ? 1 : 0
  const lit = path(
    'M',
    0,
    -radius,
    'A',
    radius,
    radius,
    0,
    0,
    1,
    0,
    radius,
    'A',
    short,
    radius,
    0,
    0,
    sweep,
    0,
    -radius,
    'Z',
  )
  return (
    disc + element('path', { class: 'moon-lit', d: lit, transform: `translate(${path(x, y)}) rotate(${path(angle)})` })
  )
}
