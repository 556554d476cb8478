import type { Item } from './raw-cbor'
import type { Deviation } from './refused-fields'
import { SIGHTED, TIME } from './sealing'

const repeat = <T>(count: number, item: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => item(i))
const sight = (fields: Item): Item => [{ ...SIGHTED.sights.list[0], ...(fields as object) }]

/** Deviations from a block with one sight. */
export const SIGHTS: readonly Deviation[] = [
  ['missing-field', 'place', 'place', undefined, 'Sights without a place.'],
  ['bad-type', 'sights', 'sights', SIGHTED.sights.list, 'Sights without device.'],
  ['missing-field', 'sights.device', 'sights.device', undefined, 'No device.'],
  ['wrong-length', 'sights.device', 'sights.device', new Uint8Array(31), 'A device key of 31 bytes.'],
  ['bad-type', 'sights.device', 'sights.device', 'did:key:z6Mk', 'A device that is text.'],
  ['wrong-length', 'sights.signature', 'sights.sig', new Uint8Array(63), 'A signature of 63 bytes.'],
  ['unknown-field', 'sights.sights', 'sights.sights', 1, 'An API name on the wire.'],
  ['bad-value', 'sights.sights', 'sights.list', [], 'No sights.'],
  [
    'too-large',
    'sights.sights',
    'sights.list',
    repeat(65, i => ({ ...SIGHTED.sights.list[0], time: TIME + i })),
    '65 sights.',
  ],
  [
    'bad-value',
    'sights.sights',
    'sights.list',
    [...(sight({}) as Item[]), ...(sight({ alt: 1 }) as Item[])],
    'A body twice at one time.',
  ],
  ['bad-value', 'sights.sights[0].body', 'sights.list', sight({ body: 'Sun' }), 'A body with a capital.'],
  [
    'out-of-range',
    'sights.sights[0].time',
    'sights.list',
    sight({ time: TIME + 86_400_001 }),
    'A sight of a later day.',
  ],
  [
    'out-of-range',
    'sights.sights[0].time',
    'sights.list',
    sight({ time: TIME - 86_400_001 }),
    'One of an earlier day.',
  ],
  ['out-of-range', 'sights.sights[0].altitude', 'sights.list', sight({ alt: 3_240_001 }), 'More than overhead.'],
  ['out-of-range', 'sights.sights[0].altitude', 'sights.list', sight({ alt: -36_001 }), 'Below the horizon.'],
  ['out-of-range', 'sights.sights[0].sigma', 'sights.list', sight({ sigma: 0 }), 'No error at all.'],
  ['out-of-range', 'sights.sights[0].sigma', 'sights.list', sight({ sigma: 180_001 }), 'An error beyond 5 degrees.'],
  ['missing-field', 'sights.sights[0].azimuthSigma', 'sights.list', sight({ az: 1 }), 'An azimuth without its error.'],
  ['missing-field', 'sights.sights[0].azimuth', 'sights.list', sight({ azSigma: 1 }), 'An error of no azimuth.'],
  [
    'out-of-range',
    'sights.sights[0].azimuth',
    'sights.list',
    sight({ az: 12_960_000, azSigma: 1 }),
    'An azimuth of 360 degrees.',
  ],
  [
    'bad-value',
    'sights.sights[0].limb',
    'sights.list',
    sight({ limb: 'centre' }),
    'A limb that is written by absence.',
  ],
  ['out-of-range', 'sights.sights[0].heightOfEye', 'sights.list', sight({ eye: 30_001 }), 'An eye above 300 m.'],
  ['out-of-range', 'sights.sights[0].pressure', 'sights.list', sight({ pres: 1999 }), 'Air too thin.'],
  ['out-of-range', 'sights.sights[0].temperature', 'sights.list', sight({ temp: 601 }), 'Air too hot.'],
  ['bad-value', 'sights.sights[0].corrected', 'sights.list', sight({ corr: false }), 'What is written by absence.'],
  ['bad-type', 'sights.sights[0].corrected', 'sights.list', sight({ corr: 1 }), 'A truth that is a number.'],
]
