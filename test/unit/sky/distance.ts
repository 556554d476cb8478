import { compareSkies, type HorizontalBody, type Sky } from '../../../src/sky/index'

/** Distance of two directions in arcseconds, by the library's own great circle. */
export function distance(a: Omit<HorizontalBody, 'name'>, b: Omit<HorizontalBody, 'name'>): number {
  const sky = (body: Omit<HorizontalBody, 'name'>): Sky => ({
    profile: '',
    frame: 'horizontal',
    bodies: [{ ...body, name: 'body' }],
  })
  return compareSkies(sky(a), sky(b)).worst
}
