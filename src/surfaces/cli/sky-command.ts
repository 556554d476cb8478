import type { Command } from 'commander'
import { CosmicError } from '../../base/index'
import type { Place } from '../../sky/index'
import { action, command, instant, type Context, unlike } from './context'
import type { CliHost } from './host'

interface SkyOptions {
  readonly at?: number
  readonly place?: string
  readonly stars?: boolean
  readonly svg?: boolean
}

/** `sky`: where the bodies stand, as a table, JSON or a chart. */
export function skyCommand(host: CliHost): Command {
  return command('sky', 'Show the sky of a time and place. Anyone can compute one: it proves nothing.')
    .option('--at <instant>', 'when (default: now)', instant('--at'))
    .option(
      '--place <latitude,longitude>',
      'degrees (default: the place of the settings, else as seen from the centre of the Earth)',
    )
    .option('--stars', 'with the navigational stars')
    .addOption(unlike('--svg', 'as a chart', 'json', 'jsonl'))
    .action(action<SkyOptions>(host, (context, _args, options) => sky(context, options)))
}

async function sky(context: Context, { at = Date.now(), place: text, stars = false, svg }: SkyOptions): Promise<void> {
  const place = text === undefined ? (await context.resolve()).config.place : parsePlace(text)
  const { observeSky, renderSkyChart } = await import('../../sky/index')
  const observed = observeSky({ time: at, stars, ...(place && { place: place as Place }) })
  const title = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  if (svg) return context.host.out(`${renderSkyChart(observed, { title })}\n`)
  const rows = observed.bodies.map(body => {
    const [first, second] = 'altitude' in body ? [body.altitude, body.azimuth] : [body.declination, body.rightAscension]
    return `${body.name.padEnd(20)}${degrees(first)}${degrees(second)}`
  })
  const horizontal = observed.frame !== 'equatorial'
  const head = `${''.padEnd(20)}${(horizontal ? 'altitude' : 'declination').padStart(13)}${(horizontal ? 'azimuth' : 'right asc.').padStart(13)}`
  context.output.answer(observed, [title, head, ...rows].join('\n'))
}

/** Of arcseconds. */
const degrees = (arcseconds: number) => `${(arcseconds / 3_600).toFixed(4)}°`.padStart(13)

function parsePlace(text: string): Place {
  const parts = text.split(',').map(Number)
  const [latitude, longitude] = parts
  if (parts.length === 2 && Number.isFinite(latitude) && Number.isFinite(longitude)) {
    return { latitude: latitude!, longitude: longitude! }
  }
  throw new CosmicError({ code: 'bad-value', field: '--place', hint: 'two numbers, such as 48.2082,16.3738' })
}
