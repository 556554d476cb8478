import { COUNTED } from '../../../store/for-adapters'
import { retracts } from '../../../store/index'
import type { Tables } from './tables'

/** Letters of indexes that have no postings, as numbers of bytes. */
const WITHOUT = [COUNTED.author, COUNTED.kind, COUNTED.model, retracts('', '').charAt(0)].map(term =>
  term.charCodeAt(0),
)

/** What counts should be, by the rows of `block`. */
export const countsOf = ({ block }: Tables): string =>
  `SELECT term, count(*) AS blocks, count(*) FILTER (WHERE admitted) AS admitted, sum(size) AS bytes
     FROM ${block}, unnest(terms) AS term GROUP BY term`

/** What postings should be. */
export const postingsOf = ({ block, term }: Tables): string =>
  `SELECT t.id AS term, b.time, b.digest, b.seq FROM ${block} b, unnest(b.terms) AS each JOIN ${term} t ON t.id = each
    WHERE get_byte(t.value, 0) NOT IN (${WITHOUT.join(', ')})`

/** What totals should be. */
export const totalsOf = ({ block, stub }: Tables): string =>
  `SELECT count(*) AS blocks, count(*) FILTER (WHERE admitted) AS admitted, coalesce(sum(size), 0) AS bytes,
          count(*) FILTER (WHERE waiting) AS waiting, (SELECT count(*) FROM ${stub}) AS pruned FROM ${block}`

/** Lines of the log, and what they should say: blocks and stubs know their places; what neither has is `e` or `l`. */
export const linesOf = ({ block, log, stub }: Tables): string =>
  `SELECT coalesce(l.seq, h.seq) AS seq, l.seq IS NULL AS missing, coalesce(h.digest, l.digest) AS digest,
          coalesce(h.time, l.time) AS time, coalesce(h.state, CASE WHEN l.state = 'e' THEN 'e' ELSE 'l' END) AS state,
          l.seq IS NOT NULL AND l.digest = coalesce(h.digest, l.digest)
            AND l.state = coalesce(h.state, CASE WHEN l.state = 'e' THEN 'e' ELSE 'l' END) AS right
     FROM ${log} l FULL JOIN (SELECT seq, digest, time, 'h' AS state FROM ${block}
                              UNION ALL SELECT seq, digest, time, 'p' FROM ${stub}) h ON h.seq = l.seq`
