import { attempt, equal, fail, ok, type Failure, type Result } from '../../../base/index'
import type { BitcoinHeaders } from '../open-timestamps'
import type { Attested } from '../time-proof'
import { readHeader } from './bitcoin-header'
import { parseOts } from './parse-ots'

/**
 * By how much a header's time may lag behind the clock. Consensus binds it from below only to the median of eleven blocks,
 * about an hour; two hours are also the most that it may be ahead.
 */
const HEADER_LAG = 7_200_000

/** Heights that one proof may ask for. */
const MOST_HEIGHTS = 8

/** Judges a proof as `openTimestamps` promises. */
export async function verifyOts(
  digest: Uint8Array,
  proof: Uint8Array,
  headers: BitcoinHeaders,
): Promise<Result<Attested>> {
  const parsed = attempt(() => parseOts(proof))
  if (!parsed.ok) return parsed
  if (!equal(parsed.value.digest, digest)) return fail(bad('the proof is of something else'))
  const { bitcoin } = parsed.value
  if (bitcoin.size > MOST_HEIGHTS) return fail(bad(`the proof names more than ${MOST_HEIGHTS} blocks of Bitcoin`))
  let worst: Failure = PENDING
  const answers: Attested[] = []
  for (const [height, roots] of bitcoin) {
    const answer = await attestedBy(height, roots, headers)
    if (answer.ok) answers.push(answer.value)
    else worst = answer.error
  }
  const [earliest] = answers.sort((a, b) => a.time - b.time)
  return earliest ? ok(earliest) : fail(worst)
}

async function attestedBy(
  height: number,
  roots: readonly Uint8Array[],
  headers: BitcoinHeaders,
): Promise<Result<Attested>> {
  const bytes = await headers.header(height)
  if (bytes === undefined)
    return fail({ ...PENDING, message: `the header of Bitcoin’s block ${height} is not at hand` })
  const header = readHeader(bytes)
  if (header === undefined) return fail(bad(`what was given as the header of block ${height} shows no proof of work`))
  if (!roots.some(root => equal(root, header.root)))
    return fail(bad(`the proof does not lead to Bitcoin’s block ${height}`))
  return ok({ time: header.time + HEADER_LAG, by: `bitcoin block ${height}` })
}

const PENDING: Failure = { code: 'incomplete-proof', message: 'the proof has not reached a block of Bitcoin yet' }

function bad(message: string): Failure {
  return { code: 'bad-proof', message }
}
