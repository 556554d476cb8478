import { sha256 } from '@noble/hashes/sha2.js'
import type { Item } from './raw-cbor'
import type { Deviation } from './refused-fields'
import { PROFILE } from './sealed-kinds'
import { AUTHOR, changed, seedOf, TIME } from './sealing'
import type { Payload, SignedRow } from './valid'

/** Keys that may stand for somebody; nobody signs with them here. */
const [FIRST, SECOND, PHONE, LAPTOP] = [seedOf(21), seedOf(22), seedOf(23), seedOf(24)]
const many = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => seedOf(31 + i))
const RECOVERY = sha256(seedOf(9))
/** y = 1: anyone can sign for it. */
const SMALL_ORDER = new Uint8Array(32).with(0, 1)
/** y = 2^255 − 1, twice: once more than the field has. */
const NOT_CANONICAL = seedOf(255)

/** A profile that begins an identity. */
export const FOUNDING = {
  ...PROFILE,
  profile: { ...PROFILE.profile, rec: RECOVERY, dev: [PHONE, LAPTOP] },
} as const satisfies Item

/** A profile that joins one. */
export const JOINING = { ...PROFILE, profile: { of: FIRST, dev: [PHONE] } } as const satisfies Item

/** By a recovery key: another everyday key follows. */
export const ROTATION = {
  v: 1,
  kind: 'rotation',
  author: AUTHOR,
  time: TIME,
  rotation: { from: FIRST, to: SECOND, next: RECOVERY },
} as const satisfies Item

export const SIGNED_IDENTITIES: readonly SignedRow[] = [
  ['profile-recovery', 'A profile that only commits to a recovery key.', { ...PROFILE, profile: { rec: RECOVERY } }],
  ['profile-founding', 'A profile with encryption key, commitment and two devices.', FOUNDING],
  ['profile-32-devices', 'The most devices.', changed(FOUNDING, 'profile.dev', many(32)) as Payload],
  ['profile-joining', 'A profile that joins an identity and names a device.', JOINING],
  ['rotation', 'A rotation to another key and another recovery key.', ROTATION],
  ['rotation-revocation', 'A revocation.', { ...ROTATION, rotation: { from: FIRST } }],
  ['rotation-common', 'A rotation with fields of every kind.', { ...ROTATION, tags: ['a'], place: { lat: 0, lon: 0 } }],
]

const expiring: Deviation = ['unknown-field', 'expires', 'expires', TIME + 60_000, 'An expiry where none may be.']

export const FOUNDING_DEVIATIONS: readonly Deviation[] = [
  expiring,
  ['missing-field', 'profile.encryption', 'profile', {}, 'A profile that says nothing.'],
  ['wrong-length', 'profile.recovery', 'profile.rec', new Uint8Array(31), 'A commitment of 31 bytes.'],
  ['bad-type', 'profile.recovery', 'profile.rec', 'text', 'A commitment that is text.'],
  ['bad-value', 'profile.recovery', 'profile.rec', sha256(AUTHOR), 'A commitment to the author’s own key.'],
  ['unknown-field', 'profile.recovery', 'profile.of', FIRST, 'A commitment beside an identity.'],
  ['bad-value', 'profile.devices', 'profile.dev', [], 'An empty list of devices.'],
  ['bad-value', 'profile.devices', 'profile.dev', [PHONE, PHONE], 'A device twice.'],
  ['bad-value', 'profile.devices', 'profile.dev', [PHONE, AUTHOR], 'The author as a device.'],
  ['too-large', 'profile.devices', 'profile.dev', many(33), '33 devices.'],
  ['bad-type', 'profile.devices', 'profile.dev', PHONE, 'Devices that are one device.'],
  ['wrong-length', 'profile.devices[1]', 'profile.dev', [PHONE, new Uint8Array(33)], 'A device of 33 bytes.'],
  ['bad-author-key', 'profile.devices[0]', 'profile.dev', [SMALL_ORDER], 'A device for which anyone can sign.'],
  ['bad-author-key', 'profile.devices[0]', 'profile.dev', [NOT_CANONICAL], 'A device that is not canonical.'],
]

export const JOINING_DEVIATIONS: readonly Deviation[] = [
  ['bad-value', 'profile.identity', 'profile.of', AUTHOR, 'An author who joins himself.'],
  ['bad-type', 'profile.identity', 'profile.of', 'text', 'An identity that is text.'],
  ['bad-author-key', 'profile.identity', 'profile.of', SMALL_ORDER, 'An identity for which anyone can sign.'],
  ['bad-value', 'profile.devices', 'profile.dev', [FIRST], 'The identity as a device.'],
]

export const ROTATION_DEVIATIONS: readonly Deviation[] = [
  expiring,
  ['missing-field', 'rotation', 'rotation', undefined, 'No rotation.'],
  ['missing-field', 'rotation.from', 'rotation.from', undefined, 'No key that ends.'],
  ['bad-value', 'rotation.from', 'rotation.from', AUTHOR, 'A key that ends itself.'],
  ['bad-author-key', 'rotation.from', 'rotation.from', SMALL_ORDER, 'A key that ends, for which anyone can sign.'],
  ['bad-value', 'rotation.to', 'rotation.to', AUTHOR, 'A recovery key that follows.'],
  ['bad-value', 'rotation.to', 'rotation.to', FIRST, 'A key that follows itself.'],
  ['wrong-length', 'rotation.to', 'rotation.to', new Uint8Array(31), 'A successor of 31 bytes.'],
  ['bad-author-key', 'rotation.to', 'rotation.to', NOT_CANONICAL, 'A successor that is not canonical.'],
  ['unknown-field', 'rotation.next', 'rotation.to', undefined, 'A next recovery key without a successor.'],
  ['wrong-length', 'rotation.next', 'rotation.next', new Uint8Array(33), 'A next commitment of 33 bytes.'],
  ['bad-value', 'rotation.next', 'rotation.next', sha256(SECOND), 'A successor as its own recovery key.'],
  ['unknown-field', 'rotation.why', 'rotation.why', 'stolen', 'A foreign key in a rotation.'],
]
