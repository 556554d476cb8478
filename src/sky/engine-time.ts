import { AstroTime, DeltaT_EspenakMeeus, SiderealTime, e_tilt } from 'astronomy-engine'

const DAY_MS = 86_400_000
/** 2000-01-01T12:00:00Z. */
const J2000_MS = 946_728_000_000
/** A day of the year 2547: outside every time that this room computes. */
const EVICTION_DAY = 200_000

/** A time whose ΔT is the profile's, also when the program has given the engine another ΔT function. */
class ProfileTime extends AstroTime {
  constructor(day: number) {
    super(day)
    this.tt = day + DeltaT_EspenakMeeus(day) / 86_400
  }

  override AddDays(days: number): ProfileTime {
    return new ProfileTime(this.ut + days)
  }
}

/**
 * A time for the engine, which from this call on computes as if it were new. The engine keeps the nutation of the
 * last instant and reuses it for instants within 0.09 s, and apart from it the sidereal time: asking for those of a
 * remote day first evicts both, so that no result depends on what was computed before.
 *
 * @param milliseconds since the Unix epoch, taken as UT1
 */
export function engineTime(milliseconds: number): AstroTime {
  const remote = new ProfileTime(EVICTION_DAY)
  SiderealTime(remote)
  e_tilt(remote)
  return new ProfileTime((milliseconds - J2000_MS) / DAY_MS)
}
