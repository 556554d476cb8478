import crypto from 'node:crypto'
import { Body, Equator, Horizon, InverseRefraction, Observer } from 'astronomy-engine'
import { createBlock, CosmicValidator, Signer, verifyBlocks, verifySignature } from 'cosmic-embeddings'
import { observeSky, SKY_BODIES, SkyChecker, verifySky, type Place, type Sky } from 'cosmic-embeddings/sky'
import { computeSky } from '../../src/sky/observe-sky'
import { rows } from '../data/rows'
import type { Benchmark, BenchResult } from './benchmark'
import { compare } from './compare'
import { DIMENSIONS, takeApart } from './samples'

/** Claims with times and places of their own, the times within one year. */
const CLAIMS = 10_000
const BLOCKS = 256

const about = `The largest separations of the computed sky, before rounding, from what others computed: all rows of JPL Horizons,
1950 to 2050 (refracted ones with Horizons' own refraction taken off), and of ERFA for 57 stars and Polaris. Then how many
skies of seven bodies one thread checks in a second: ${CLAIMS.toLocaleString('en')} claims with distinct times within one year
and distinct places; "cold" begins with an empty checker. The peer is astronomy-engine asked body by body, which judges
nothing. The last rows validate blocks with a ${DIMENSIONS}-dimensional vector, place and sky, signatures included, against
the signature checks alone, with keys imported once.`

interface Claim {
  readonly time: number
  readonly place: Place
  readonly sky: Sky
}

async function run(): Promise<BenchResult[]> {
  return [...accuracy(), ...interpolation(), ...(await speed()), ...(await validation())]
}

/** A figure that must not exceed its target. */
function within(name: string, value: number, unit: string, target: number): BenchResult {
  const ratio = Number((target / value).toPrecision(3))
  return { case: name, value: Number(value.toPrecision(3)), unit, ratios: { [`the target of ${target}`]: ratio } }
}

function accuracy(): BenchResult[] {
  const worst = new Map<string, number>()
  const note = (name: string, arcseconds: number) => worst.set(name, Math.max(worst.get(name) ?? 0, arcseconds))
  for (const row of rows('horizons.csv')) {
    const name = row.body!.toLowerCase()
    if (!SKY_BODIES.some(body => body === name)) continue
    const altitude = +row.alt_deg! + (row.refraction === 'airless' ? 0 : InverseRefraction('jplhor', +row.alt_deg!))
    note(name, off(name, new Date(row.ut_as_given!).getTime(), row, altitude, +row.az_deg!))
  }
  for (const row of rows('stars-erfa.csv')) {
    const time = 946_728_000_000 + +row['utc_days_j2000(UT1:=UTC)']! * 86_400_000
    note('stars', off(row.star!.toLowerCase(), time, row, +row.alt_airless_deg!, +row.az_airless_deg!))
  }
  const target = (name: string) => (name === 'stars' ? 1 : name === 'sun' || name === 'moon' ? 15 : 30)
  return [...worst].map(([name, value]) => within(`${name}, largest error`, value, '″', target(name)))
}

/** Arcseconds between a computed direction and a row's. */
function off(name: string, time: number, row: Record<string, string>, altitude: number, azimuth: number): number {
  const place = { latitude: +row.lat_deg!, longitude: +row.lon_deg_east!, elevation: +row.elev_m! }
  const body = computeSky({ time, place }, true).bodies.find(body => body.name === name)!
  const computed = 'altitude' in body ? unit(body.altitude / 3600, body.azimuth / 3600) : []
  const chord = Math.hypot(...unit(altitude, azimuth).map((part, i) => part - computed[i]!))
  return 2 * Math.asin(chord / 2) * (648_000 / Math.PI)
}

function unit(latitude: number, longitude: number): readonly number[] {
  const [lat, lon] = [latitude * (Math.PI / 180), longitude * (Math.PI / 180)]
  return [Math.cos(lat) * Math.cos(lon), Math.cos(lat) * Math.sin(lon), Math.sin(lat)]
}

/** Spread evenly over the year and the globe, in an order without any (M. Roberts' additive recurrence R3). */
function makeClaims(count: number, stars = false): readonly Claim[] {
  return Array.from({ length: count }, (_, i) => {
    const [a, b, c] = [(i * 0.8191725134) % 1, (i * 0.6710436067) % 1, (i * 0.5497004779) % 1]
    const time = Date.UTC(2025, 0, 1) + Math.floor(a * 365.25 * 86_400_000)
    const place = { latitude: b * 180 - 90, longitude: c * 360 - 180, elevation: (i % 300) * 10 }
    return { time, place, sky: observeSky({ time, place, stars }) }
  })
}

function interpolation(): BenchResult[] {
  const checker = new SkyChecker()
  let [rounding, error] = [0, 0]
  for (const claim of [...makeClaims(3000), ...makeClaims(300, true)]) {
    const [exact, interpolated] = [verifySky(claim.sky, claim), checker.verify(claim.sky, claim)]
    rounding = Math.max(rounding, exact.worst)
    for (const [name, residual] of Object.entries(exact.residuals)) {
      error = Math.max(error, Math.abs(residual - interpolated.residuals[name]!))
    }
  }
  return [
    within('own claims after rounding, largest residual', rounding, '″', 0.71),
    within('error of interpolation', error * 1000, 'mas', 1),
    { case: 'memory of a checker that has seen stars', value: checker.bytes, unit: 'bytes', ratios: {} },
  ]
}

async function speed(): Promise<BenchResult[]> {
  const claims = makeClaims(CLAIMS)
  const starry = makeClaims(1000, true)
  const checker = new SkyChecker()
  const at = (turn: number, of = claims) => of[turn % of.length]!
  const check = (claim: Claim, by: Pick<SkyChecker, 'verify'>) => {
    if (!by.verify(claim.sky, claim).matches) throw new Error('an honest sky is refused')
  }
  for (const claim of [...claims, ...starry]) check(claim, checker)
  const exact = { verify: verifySky }
  const engine = { 'astronomy-engine, body by body': (turn: number) => bodyByBody(at(turn)) }
  return [
    aim(await compare({ case: 'checks, warm', ours: turn => check(at(turn), checker), peers: engine }), 200_000),
    aim(await coldChecks(claims, check), 30_000),
    aim(await compare({ case: 'checks, no cache', ours: turn => check(at(turn), exact), peers: engine }), 8000),
    await compare({ case: 'checks with stars, warm', ours: turn => check(at(turn, starry), checker), peers: {} }),
  ]
}

/** Every turn is a whole pass over all claims with an empty checker. */
async function coldChecks(
  claims: readonly Claim[],
  check: (claim: Claim, by: SkyChecker) => void,
): Promise<BenchResult> {
  const ours = () => {
    const checker = new SkyChecker()
    for (const claim of claims) check(claim, checker)
  }
  return compare({ case: 'checks, cold', perCall: claims.length, ours, peers: {} })
}

function aim(result: BenchResult, target: number): BenchResult {
  const ratio = Number((result.value / target).toPrecision(3))
  return { ...result, ratios: { ...result.ratios, [`the target of ${target.toLocaleString('en')}`]: ratio } }
}

const ENGINE_BODIES = [Body.Sun, Body.Moon, Body.Mercury, Body.Venus, Body.Mars, Body.Jupiter, Body.Saturn]

function bodyByBody({ time, place }: Claim): void {
  const [now, observer] = [new Date(time), new Observer(place.latitude, place.longitude, place.elevation ?? 0)]
  for (const body of ENGINE_BODIES) {
    const { ra, dec } = Equator(body, now, observer, true, true)
    Horizon(now, observer, ra, dec)
  }
}

async function validation(): Promise<BenchResult[]> {
  const signer = await Signer.fromSeed(new Uint8Array(32).fill(1))
  const embedding = Float32Array.from({ length: DIMENSIONS }, (_, index) => Math.sin(index))
  const all = await Promise.all(
    makeClaims(BLOCKS).map(async ({ time, place }) => {
      const block = await createBlock({ embedding, model: 'acme:bench', time, place }, signer)
      return takeApart(block.bytes, signer.publicKey)
    }),
  )
  const validator = new CosmicValidator()
  const sample = (turn: number) => all[turn % BLOCKS]!
  const envelopes = all.map(({ bytes }) => bytes)
  const verifyAll = async () => {
    for await (const { result } of verifyBlocks(envelopes)) if (!result.ok) throw new Error(result.error.code)
  }
  await verifyAll()
  return [
    await compare({
      case: 'blocks validated one after the other, warm',
      ours: turn => validator.validate(sample(turn).bytes),
      peers: {
        'verifySignature alone': turn => {
          const { publicKey, message, signature } = sample(turn)
          return verifySignature(publicKey, message, signature)
        },
        'node:crypto verify alone': turn => {
          const { message, key, signature } = sample(turn)
          return crypto.verify(null, message, key, signature)
        },
      },
    }),
    await compare({
      case: 'verifyBlocks, warm',
      perCall: BLOCKS,
      ours: verifyAll,
      peers: {
        'node:crypto verify alone, one thread': () => {
          for (const { message, key, signature } of all) crypto.verify(null, message, key, signature)
        },
      },
    }),
  ]
}

export default { about, run } satisfies Benchmark
