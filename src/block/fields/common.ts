import type { CborValue } from '../../base/index'
import type { Place, Sky } from '../../sky/index'
import { LIMITS } from '../limits'
import type { CommonFields, Link } from '../types'
import { beacon } from './beacon'
import { blockId, list, text, type Codec } from './codec'
import { extensions } from './extensions'
import { isHeadKey } from './head'
import { name, time } from './names'
import { place } from './place'
import { optional, record, required, type Table } from './record'
import { sights } from './sights'
import { skyWith } from './sky'

/** As in `CommonFields`, but with the sky as it stands on the wire: its meaning hangs on the place. */
type WireFields = Omit<CommonFields, 'sky'> & { readonly sky?: CborValue }

const link = record<Link>({ relation: required('rel', name), id: required('id', blockId) })

const verbatim: Codec<CborValue> = { read: value => value, write: value => value }

const COMMON: Table<WireFields> = {
  place: optional('place', place),
  sky: optional('sky', verbatim),
  tags: optional(
    'tags',
    list(text(LIMITS.tagBytes), LIMITS.tags, tag => tag),
  ),
  links: optional(
    'links',
    list(link, LIMITS.links, ({ relation, id }) => `${relation} ${id}`),
  ),
  supersedes: optional(
    'supersedes',
    list(blockId, LIMITS.supersedes, id => id),
  ),
  expires: optional('expires', time),
  beacon: optional('beacon', beacon),
  sights: optional('sights', sights),
  extensions: optional('ext', extensions),
}

/** The fields of one kind: its own and those that every kind of version 1 may carry. */
export function withCommon<T extends object>(own: Table<T>): Codec<CommonFields & T> {
  const wire = record({ ...COMMON, ...own } as unknown as Table<WireFields>, isHeadKey)
  return {
    read(value, path) {
      const fields = wire.read(value, path)
      const { sky } = fields
      const read = sky === undefined ? fields : Object.freeze({ ...fields, sky: skyOf(fields).read(sky, 'sky') })
      return read as CommonFields & T
    },
    write(of: CommonFields, path) {
      const { sky, ...fields } = of
      return wire.write(sky === undefined ? fields : { ...fields, sky: skyOf(fields).write(sky, 'sky') }, path)
    },
  }
}

function skyOf(fields: { readonly place?: Place }): Codec<Sky> {
  return skyWith(fields.place !== undefined)
}
