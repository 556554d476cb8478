import { z } from 'zod'
import { nearestName, PLACE_GRIDS, type PlaceGrid } from '../base/index'
import { parseModelId } from '../block/index'
import { POLICIES } from '../validate/index'

const text = z.string().min(1).max(4_096)
const modelId = text.refine(id => parseModelId(id).ok, 'is no model id such as acme:embed-1 (docs/spec/block.md)')
const secret = text.meta({ secret: true })
/** Plain data that the part of the library which takes it checks itself, by the path of each field. */
const data = z.record(z.string(), z.json())

const identity = z.strictObject({
  file: text.optional().describe('The key file (default: identity in the folder).'),
  passphrase: secret.optional().describe('Encrypts the key file. Better given by the environment than written down.'),
})

const embedder = z.strictObject({
  kind: z
    .enum(['auto', 'none', 'use-lite', 'minilm', 'openai', 'ollama'])
    .default('auto')
    .describe('What makes vectors of texts; auto: the first of use-lite and minilm whose package is installed.'),
  url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Of an OpenAI-compatible or Ollama service.'),
  model: text.optional().describe('The name of the model at that service.'),
  dimensions: z.int().min(8).max(8_192).optional().describe('The length of its vectors.'),
  key: secret.optional().describe('The bearer token of an OpenAI-compatible service.'),
  id: modelId
    .optional()
    .describe('The model id that blocks carry (default: by the service and the name of the model).'),
})

const place = z.strictObject({
  latitude: z.number().min(-90).max(90).describe('Degrees, north positive.'),
  longitude: z.number().min(-180).max(180).describe('Degrees, east positive.'),
  elevation: z.number().min(-12_000).max(100_000).optional().describe('Metres.'),
  accuracy: z.number().min(0).max(20_037_508).optional().describe('Metres.'),
  grid: z
    .literal(Object.keys(PLACE_GRIDS).map(Number) as PlaceGrid[])
    .optional()
    .describe('Privacy: only the point of this grid, in degrees, is ever signed or stored.'),
})

const storage = z.strictObject({
  kind: z.enum(['lmdb', 'memory', 'postgres']).default('lmdb').describe('Where blocks are kept.'),
  path: text.optional().describe('Of LMDB (default: store in the folder).'),
  url: secret.optional().describe('The connection string of PostgreSQL.'),
  schema: text.optional().describe('The schema of PostgreSQL.'),
})

const websocket = z.strictObject({
  listen: z.boolean().default(false).describe('Accept connections.'),
  host: text.default('127.0.0.1').describe('0.0.0.0 or :: opens the agent to the network.'),
  port: z.int().min(0).max(65_535).default(0).describe('0 takes any free one.'),
  path: text.optional().describe('The one URL path that is served.'),
  origins: z.array(text).max(256).optional().describe('Web origins whose pages may connect.'),
})

/** As RFC 7064 and RFC 7065 write them: native implementations throw for others, once a connection is wanted. */
const ICE_URL = /^(?:stuns?|turns?):[^\s/?#]+(?:\?transport=(?:udp|tcp))?$/i
const iceUrl = z.string().max(4_096).regex(ICE_URL, 'such as turn:HOST:3478')
const iceServer = z.strictObject({
  urls: z.union([iceUrl, z.array(iceUrl).min(1).max(16)], { error: () => 'such as turn:HOST:3478, or a list of such' }),
  username: text.optional(),
  credential: text.optional(),
})

const webrtc = z.strictObject({
  signaling: z
    .url({ protocol: /^wss?$/ })
    .max(4_096)
    .optional()
    .describe('The ws: or wss: URL of a signaling service. Without it there is no WebRTC.'),
  room: text.max(64).default('lobby').describe('Whoever names the same one at the same service meets.'),
  iceServers: z.array(iceServer).max(16).optional().meta({ secret: true }).describe('STUN and TURN servers.'),
  iceTransportPolicy: z.enum(['all', 'relay']).default('all').describe('relay hides this agent’s addresses.'),
})

const http = z.strictObject({
  host: text.default('127.0.0.1').describe('Anything but loopback needs tokens and hosts.'),
  port: z.int().min(0).max(65_535).default(8_080).describe('0 takes any free one.'),
  tokens: z
    .array(
      z.strictObject({
        token: z.string().min(16).max(1_024),
        scopes: z.array(z.enum(['read', 'search', 'write', 'admin'])).min(1),
      }),
    )
    .min(1)
    .max(256)
    .optional()
    .meta({ secret: true })
    .describe('Bearer tokens with what each may do (default: everybody on this machine may do everything).'),
  hosts: z
    .array(text)
    .min(1)
    .max(256)
    .optional()
    .describe('Names under which this node is called (default: those of loopback).'),
  origins: z.array(text).max(256).optional().describe('Web origins whose pages may call.'),
  mcp: z.boolean().default(true).describe('Serve the Model Context Protocol under /mcp, by the same tokens.'),
  sync: z
    .boolean()
    .default(false)
    .describe('Let peers connect over HTTP under /sync. They need no token: policies say what is admitted.'),
  requestsPerSecond: z.number().positive().max(1_000_000).default(1_000).describe('Of each token, in the long run.'),
})

const log = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least that serve, mcp and sync write to standard error.'),
  format: z
    .enum(['auto', 'json', 'pretty'])
    .default('auto')
    .describe('One JSON object a line, or lines for people; auto: for people on a terminal.'),
})

const telemetry = z.strictObject({
  openTelemetry: z
    .boolean()
    .default(false)
    .describe('Measure and trace through the package @opentelemetry/api too, for the SDK that the process registers.'),
})

const PRESETS = Object.keys(POLICIES) as (keyof typeof POLICIES)[]
const presetHint = (given: unknown) => (typeof given === 'string' ? nearestName(given, PRESETS) : 'a preset, or rules')

/**
 * Everything that a node can be told, as one schema: `z.input` of it is what users write, `z.output` what the node reads.
 * Fields of `policy` and `retention` are checked by the parts of the library that take them.
 */
export const configSchema = z
  .strictObject({
    folder: text
      .default('cosmic-data')
      .describe('Holds identity and store. Relative paths start at the file that names them.'),
    network: text.max(64).default('cosmic').describe('Agents meet only inside one network.'),
    identity: identity.prefault({}).describe('This agent’s key.'),
    model: modelId.optional().describe('The model of vectors that are given without one.'),
    embedder: embedder.prefault({}).describe('What makes vectors of texts.'),
    place: place.optional().describe('Where this agent claims to be; its blocks then carry the sky of that place.'),
    storage: storage.prefault({}).describe('Where blocks are kept.'),
    websocket: websocket.prefault({}).describe('Peers over WebSocket.'),
    webrtc: webrtc.prefault({}).describe('Peers over WebRTC.'),
    http: http.prefault({}).describe('The HTTP API, which serve runs.'),
    log: log.prefault({}).describe('What is written while a node runs.'),
    telemetry: telemetry.prefault({}).describe('Where measurements go, beside GET /metrics.'),
    peers: z.array(z.url().max(4_096)).max(64).default([]).describe('Addresses to be connected to.'),
    policy: z
      .union([z.enum(PRESETS), data], { error: ({ input }) => presetHint(input) })
      .default('open')
      .describe('What is admitted to search and reading: a preset, or rules.'),
    retention: data.optional().describe('What is kept; default everything that has not expired.'),
  })
  .superRefine((config, context) => {
    const { storage, embedder, webrtc } = config
    const need = (path: string[], given: unknown, hint: string) =>
      given === undefined && context.addIssue({ code: 'custom', path, message: hint })
    const spare = (path: string[], given: unknown, hint: string) =>
      given !== undefined && context.addIssue({ code: 'custom', path, message: hint })
    for (const [at, { urls, ...server }] of (webrtc.iceServers ?? []).entries()) {
      if (![urls].flat().some(url => /^turn/i.test(url))) continue
      for (const name of ['username', 'credential'] as const)
        need(['webrtc', 'iceServers', `${at}`, name], server[name], 'is needed by turn:')
    }
    if (storage.kind === 'postgres') need(['storage', 'url'], storage.url, 'is needed by postgres')
    else {
      spare(['storage', 'url'], storage.url, 'is for postgres only')
      spare(['storage', 'schema'], storage.schema, 'is for postgres only')
    }
    if (storage.kind !== 'lmdb') spare(['storage', 'path'], storage.path, 'is for lmdb only')
    if (embedder.kind === 'openai' || embedder.kind === 'ollama') {
      for (const name of ['url', 'model', 'dimensions'] as const) {
        need(['embedder', name], embedder[name], `is needed by ${embedder.kind}`)
      }
    } else {
      for (const name of ['url', 'model', 'dimensions', 'key', 'id'] as const) {
        spare(['embedder', name], embedder[name], 'is for openai and ollama only')
      }
    }
  })

/** What a user writes; everything has a default. */
export type ConfigInput = z.input<typeof configSchema>
/** What a node reads. */
export type Config = z.output<typeof configSchema>

/** The JSON Schema (2020-12) of a configuration file, for editors. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(configSchema, { io: 'input' }) as Record<string, unknown>
}
