import { COUNTED } from '../../../store/for-adapters'
import { retracts } from '../../../store/index'
import type { Tables } from './tables'

/** Letters of indexes that have no postings, as numbers of bytes. */
const WITHOUT = [COUNTED.author, COUNTED.kind, COUNTED.model, retracts('', '').charAt(0)].map(term =>
  term.charCodeAt(0),
)

/** SQL: the term of a row of `term` with this name has no postings. */
export const WITHOUT_POSTINGS = (name: string): string => `get_byte(${name}.value, 0) IN (${WITHOUT.join(', ')})`

/** What counts should be, by the rows of `block`. */
export const countsOf = ({ block }: Tables): string =>
  `SELECT term, count(*) AS blocks, count(*) FILTER (WHERE admitted) AS admitted, sum(size) AS bytes
     FROM ${block}, unnest(terms) AS term GROUP BY term`

/** What postings should be. */
export const postingsOf = ({ block, term }: Tables): string =>
  `SELECT t.id AS term, b.time, b.digest, b.seq FROM ${block} b, unnest(b.terms) AS each JOIN ${term} t ON t.id = each
    WHERE NOT ${WITHOUT_POSTINGS('t')}`

/** What totals should be. */
export const totalsOf = ({ block, stub }: Tables): string =>
  `SELECT count(*) AS blocks, count(*) FILTER (WHERE admitted) AS admitted, coalesce(sum(size), 0) AS bytes,
          count(*) FILTER (WHERE waiting) AS waiting, (SELECT count(*) FROM ${stub}) AS pruned FROM ${block}`

/** SQL: what a line `l` should say by what is held at its place, `h`. What is held elsewhere, or is not held, is `e` or `l`. */
export const lineState = ({ block, stub }: Tables): string =>
  `coalesce(h.state, CASE WHEN l.state = 'e' OR EXISTS (SELECT FROM ${block} o WHERE o.digest = l.digest)
     OR EXISTS (SELECT FROM ${stub} o WHERE o.digest = l.digest) THEN 'e' ELSE 'l' END)`

/** Lines of the log, and whether they say what they should: blocks and stubs know their places. */
export const linesOf = (tables: Tables): string =>
  `SELECT coalesce(l.seq, h.seq) AS seq,
          l.seq IS NOT NULL AND l.digest = coalesce(h.digest, l.digest) AND l.time = coalesce(h.time, l.time)
            AND l.state = ${lineState(tables)} AS right
     FROM ${tables.log} l FULL JOIN (SELECT seq, digest, time, 'h' AS state FROM ${tables.block}
                                     UNION ALL SELECT seq, digest, time, 'p' FROM ${tables.stub}) h ON h.seq = l.seq`
