import { AstroTime, DeltaT_EspenakMeeus, SiderealTime, e_tilt } from 'astronomy-engine'

const DAY_MS = 86_400_000
/** 2000-01-01T12:00:00Z. */
const J2000_MS = 946_728_000_000
/** A day of the year 2547: outside every time that this room computes. */
const EVICTION_DAY = 200_000

/** A time whose ΔT is the profile's, also when the program has given the engine another ΔT function. */
class ProfileTime extends AstroTime {
  constructor(day: number, template = new AstroTime(0)) {
    // Copied from another, since a time made anew costs a date and a ΔT that nobody reads.
    super(template)
    this.ut = day
    this.tt = dynamicalDays(day)
  }

  override AddDays(days: number): ProfileTime {
    return new ProfileTime(this.ut + days, this)
  }
}

/** A time given by its dynamical days alone: for what does not hang on the Earth's rotation. */
class DynamicalTime extends AstroTime {
  constructor(day: number, template = new AstroTime(0)) {
    super(template)
    this.ut = day
    this.tt = day
  }

  override AddDays(days: number): DynamicalTime {
    return new DynamicalTime(this.tt + days, this)
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
  return renewed(new ProfileTime(daysFromJ2000(milliseconds)))
}

/** A time for the engine, as fresh as `engineTime`, by its TT. Its UT1 means nothing: it is taken to be the same. */
export function dynamicalTime(days: number): AstroTime {
  return renewed(new DynamicalTime(days))
}

/** Days of UT1 since J2000. */
export function daysFromJ2000(milliseconds: number): number {
  return (milliseconds - J2000_MS) / DAY_MS
}

/** Days of TT since J2000, by the ΔT of the profile. */
export function dynamicalDays(universal: number): number {
  return universal + DeltaT_EspenakMeeus(universal) / 86_400
}

function renewed(time: AstroTime): AstroTime {
  const remote = new ProfileTime(EVICTION_DAY)
  SiderealTime(remote)
  e_tilt(remote)
  return time
}
