import * as sky from '../../src/sky/index'
import { entry, type PublicCall } from './public-calls'

const place = { latitude: 50, longitude: 7 }
const time = Date.UTC(2024, 5, 1, 22)
const sight: sky.Sight = { body: 'vega', time, altitude: 40, sigma: 0.1 }

/** What `cosmic-embeddings/sky` exports. */
export function skyCalls(): PublicCall[] {
  const { profile, bodies } = sky.observeSky({ time, place })
  const claimed = { profile, frame: 'horizontal', bodies }
  const prepared = sky.prepareSights([sight])
  const [ready] = prepared.ok ? prepared.value : []
  const fixed = { place, covariance: { east: 1, north: 1, northEast: 0 } }
  const checker = new sky.SkyChecker()
  return [
    entry('altitudeAt', sky.altitudeAt, [ready, place]),
    entry('renderSkyChart', sky.renderSkyChart, [claimed, {}]),
    entry('compareAcross', sky.compareAcross, [claimed, { time, place }, 45]),
    entry('compareSkies', sky.compareSkies, [claimed, claimed, 1]),
    entry('verifySky', sky.verifySky, [claimed, { time, place }, 1]),
    entry('describeSky', sky.describeSky, [claimed, { time, place }]),
    entry('distanceFromFix', sky.distanceFromFix, [fixed, place, 0]),
    entry('fixPosition', sky.fixPosition, [[sight], {}]),
    entry('prepareSights', sky.prepareSights, [[sight], 0]),
    entry('solveFix', sky.solveFix, [[ready], {}]),
    entry('dip', sky.dip, [2]),
    entry('refraction', sky.refraction, [40, 1_010, 10]),
    entry('standardPressure', sky.standardPressure, [0]),
    entry('isCoarse', sky.isCoarse, [place]),
    entry('snapPlace', sky.snapPlace, [place]),
    entry('checkObject', sky.checkObject, [{}, 'field']),
    entry('checkList', sky.checkList, [[], 'field']),
    entry('checkPlace', sky.checkPlace, [place]),
    entry('checkSkyTime', sky.checkSkyTime, [time]),
    entry('SkyChecker.verify', checker.verify.bind(checker), [claimed, { time, place }, 1]),
    entry('observeSky', sky.observeSky, [{ time, place, stars: true }]),
  ]
}
