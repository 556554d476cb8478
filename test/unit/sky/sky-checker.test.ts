import { DeltaT_EspenakMeeus, SetDeltaTFunction } from 'astronomy-engine'
import { describe, expect, test } from 'vitest'
import { observeSky, SkyChecker, verifySky, type Sky, type SkyMoment } from '../../../src/sky/index'
import { NodeTable } from '../../../src/sky/node-table'

const time = Date.UTC(2026, 10, 22, 18)
const place = { latitude: 48.2082, longitude: 16.3738, elevation: 171 }
const moment = { time, place }
const observed = observeSky(moment)

const withoutStar = (name: string, at: SkyMoment): Sky => {
  const sky = observeSky({ ...at, stars: true })
  return { ...sky, bodies: sky.bodies.filter(body => body.name !== name) } as Sky
}

describe('a checker answers as verifySky does', () => {
  const checker = new SkyChecker()
  const changed = (change: (bodies: readonly object[]) => readonly object[]): Sky =>
    ({ ...observed, bodies: change(observed.bodies) }) as Sky

  test.each<[string, Sky, SkyMoment, number]>([
    ['a body missing', changed(bodies => bodies.slice(1)), moment, 1],
    ['a body twice', changed(bodies => [...bodies.slice(1), bodies[1]!]), moment, 1],
    ['a body too many', changed(bodies => [...bodies, { ...bodies[0], name: 'pluto' }]), moment, 1],
    ['a body not a number', changed(([sun, ...rest]) => [{ ...sun, altitude: NaN }, ...rest]), moment, 1],
    ['a turn too many', changed(([sun, ...rest]) => [{ ...sun, azimuth: 2_000_000 }, ...rest]), moment, 1],
    ['another profile', { ...observed, profile: 'ce-sky-0' }, moment, 1],
    ['another frame', observeSky({ time }), moment, 1],
    ['another time', observed, { time: time + 1000, place }, 1],
    ['a southern star left out of a geocentric sky', withoutStar('atria', { time }), { time }, 1],
    ['a star left out that is up', withoutStar('vega', moment), moment, 1],
    ['a tolerance that nothing meets', observed, moment, 0],
    ['a tolerance that is not a number', observed, moment, NaN],
    ['no bodies', changed(() => []), moment, 1],
  ])('%s: exactly, since it is no match', (_, claimed, at, tolerance) => {
    const exact = verifySky(claimed, at, tolerance)
    expect(exact.matches).toBe(false)
    expect(checker.verify(claimed, at, tolerance)).toEqual(exact)
  })

  test('an impossible time or place', () => {
    const refused = expect.objectContaining({ code: 'out-of-range' })
    expect(() => checker.verify(observed, { time: NaN, place })).toThrow(refused)
    expect(() => checker.verify(observed, { time, place: { ...place, latitude: 91 } })).toThrow(refused)
  })

  test('a program that gives the engine another ΔT changes nothing', () => {
    SetDeltaTFunction(() => 5000)
    try {
      expect(new SkyChecker().verify(observed, moment)).toEqual(checker.verify(observed, moment))
      expect(checker.verify(observed, moment).matches).toBe(true)
    } finally {
      SetDeltaTFunction(DeltaT_EspenakMeeus)
    }
  })

  test('a coarse place is snapped', () => {
    const coarse = { time, place: { ...place, grid: 0.1 as const } }
    expect(checker.verify(observeSky(coarse), coarse).matches).toBe(true)
  })
})

test('where ΔT jumps from one polynomial to the next, interpolation does not care', () => {
  const checker = new SkyChecker()
  for (const year of [1920, 1941, 1961, 1986, 2005, 2050]) {
    for (let day = 0; day < 40; day++) {
      const at = { time: Date.UTC(year, 0, 1) + day * 43_200_000, place }
      const [claimed, exact] = [observeSky(at), verifySky(observeSky(at), at)]
      const { matches, residuals } = checker.verify(claimed, at)
      expect(matches).toBe(true)
      for (const [name, residual] of Object.entries(exact.residuals)) expect(residuals[name]).toBeCloseTo(residual, 3)
    }
  }
})

describe('a table of nodes', () => {
  test('computes each node once, and again only after another took its place', () => {
    const asked: number[] = []
    const table = new NodeTable(1, days => {
      asked.push(days)
      return [days ** 5]
    })
    expect(table.at(10.1)[0]).toBeCloseTo(10.1 ** 5, 6)
    expect(asked).toEqual([9.5, 9.75, 10, 10.25, 10.5, 10.75])
    table.at(10.2)
    table.at(10.3)
    expect(asked).toEqual([9.5, 9.75, 10, 10.25, 10.5, 10.75, 11])
    table.at(10.1 + 4096)
    expect(asked).toHaveLength(13)
    expect(table.at(10.1)[0]).toBeCloseTo(10.1 ** 5, 6)
    expect(asked).toHaveLength(19)
  })

  test('before and after J2000', () => {
    const table = new NodeTable(2, days => [Math.sin(days), days])
    for (const days of [-36_524.3, -0.1, 0, 0.1, 36_524.9]) {
      expect(table.at(days)[0]).toBeCloseTo(Math.sin(days), 5)
      expect(table.at(days)[1]).toBeCloseTo(days, 8)
    }
  })

  test('holds what it says, whatever is asked', () => {
    const table = new NodeTable(22, () => new Array<number>(22).fill(1))
    const before = table.bytes
    for (let i = 0; i < 30_000; i++) table.at(i * 1.37 - 20_000)
    expect(table.bytes).toBe(before)
    expect(before).toBeLessThan(3_000_000)
  })
})
