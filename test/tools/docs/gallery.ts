import { describeSky, observeSky, renderSkyChart, type Place } from '../../../src/sky/index'

/** One picture of docs/sky-gallery.md. */
export interface Picture {
  /** Its file in docs/sky-gallery/, without ending. */
  readonly file: string
  readonly title: string
  readonly text: string
  readonly svg: string
}

interface Scene {
  readonly file: string
  readonly title: string
  readonly text: string
  readonly time: number
  readonly place?: Place
  readonly stars?: boolean
}

const SCENES: readonly Scene[] = [
  {
    file: 'vienna',
    title: 'Vienna, a midsummer night',
    text: 'Sun, Moon and planets, and every navigational star above the horizon. The Moon is lit from where the Sun is.',
    time: Date.UTC(2026, 5, 20, 21),
    place: { latitude: 48.2082, longitude: 16.3738, elevation: 171 },
    stars: true,
  },
  {
    file: 'cape-town',
    title: 'Cape Town, a winter evening',
    text: 'The southern sky: north is still up, so the Sun’s path runs through the upper half.',
    time: Date.UTC(2026, 6, 15, 18),
    place: { latitude: -33.9249, longitude: 18.4241 },
    stars: true,
  },
  {
    file: 'luxor',
    title: 'Luxor, total eclipse of 2 August 2027',
    text: 'Names of planets that stand together move aside, with a line to their mark.',
    time: Date.UTC(2027, 7, 2, 10, 2),
    place: { latitude: 25.6872, longitude: 32.6396 },
  },
  {
    file: 'longyearbyen',
    title: 'Longyearbyen, noon in the polar night',
    text: 'A block may be stamped by day or by night: what stands below the horizon is part of its sky, too.',
    time: Date.UTC(2026, 11, 21, 11),
    place: { latitude: 78.2232, longitude: 15.6267 },
    stars: true,
  },
  {
    file: 'coarse',
    title: 'Somewhere within 11 km of Vienna',
    text: 'A coarse place: the sky is that of a point of a published grid, and gives away no more than its cell.',
    time: Date.UTC(2026, 5, 20, 12),
    place: { latitude: 48.2082, longitude: 16.3738, elevation: 171, grid: 0.1 },
  },
  {
    file: 'geocentric',
    title: 'No place: the sky from the centre of the Earth',
    text: 'Right ascension grows to the left, declination upwards; the dotted line is the ecliptic.',
    time: Date.UTC(2026, 5, 20, 21),
    stars: true,
  },
]

export function drawGallery(): Picture[] {
  return SCENES.map(({ file, title, text, stars = false, ...moment }) => {
    const sky = observeSky({ ...moment, stars })
    return {
      file,
      title,
      text: `${text} In words: *${describeSky(sky, moment)}*.`,
      svg: renderSkyChart(sky, { title, size: 560 }),
    }
  })
}
