import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { checkConfig, resolveConfig, showConfig, type LayerSources } from '../../../src/setup/index'

let cwd = ''
beforeEach(() => void (cwd = mkdtempSync(path.join(tmpdir(), 'cosmic-config-'))))
afterEach(() => rmSync(cwd, { recursive: true, force: true }))

const write = (name: string, content: unknown) =>
  writeFileSync(path.join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content))
const resolve = (sources: LayerSources = {}) => resolveConfig({ cwd, env: {}, ...sources })

async function refusal(sources: LayerSources = {}): Promise<Partial<CosmicError>> {
  const { code, field, hint, limit } = await resolve(sources).then(
    () => ({}) as CosmicError,
    (error: CosmicError) => error,
  )
  return {
    code,
    ...(field !== undefined && { field }),
    ...(hint !== undefined && { hint }),
    ...(limit !== undefined && { limit }),
  }
}

test('everything has a default', async () => {
  const { config, origins } = await resolve()
  expect(config).toMatchObject({
    folder: path.join(cwd, 'cosmic-data'),
    network: 'cosmic',
    storage: { kind: 'lmdb' },
    embedder: { kind: 'auto' },
    websocket: { listen: false, host: '127.0.0.1' },
    policy: 'open',
    peers: [],
  })
  expect(origins.size).toBe(0)
})

test('flags win over the environment, that over .env, that over the file, that over defaults', async () => {
  write('cosmic.config.json', {
    network: 'file',
    websocket: { listen: true, port: 1 },
    model: 'acme:file',
    peers: ['ws://a'],
  })
  write('.env', 'COSMIC_WEBSOCKET_PORT=2\nCOSMIC_MODEL="acme:dotenv"\nCOSMIC_NETWORK=dotenv\n')
  const env = { COSMIC_WEBSOCKET_PORT: '3', COSMIC_MODEL: 'acme:env' }
  const { config, origins } = await resolve({ env, flags: { 'websocket.port': '4' } })
  expect(config).toMatchObject({ network: 'dotenv', model: 'acme:env', websocket: { listen: true, port: 4 } })
  expect(Object.fromEntries(origins)).toEqual({
    network: '.env',
    model: 'environment',
    peers: 'cosmic.config.json',
    'websocket.listen': 'cosmic.config.json',
    'websocket.port': 'flag',
  })
})

test('relative paths start where they are written', async () => {
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'cosmic-elsewhere-'))
  writeFileSync(path.join(elsewhere, 'my.json'), JSON.stringify({ folder: 'data', identity: { file: 'key' } }))
  const { config } = await resolve({ file: path.join(elsewhere, 'my.json'), flags: { 'storage.path': 'here' } })
  expect([config.folder, config.identity.file, config.storage.path]).toEqual([
    path.join(elsewhere, 'data'),
    path.join(elsewhere, 'key'),
    path.join(cwd, 'here'),
  ])
  rmSync(elsewhere, { recursive: true })
})

test('a text that begins like JSON is read as such, lists and sections too', async () => {
  const flags = { policy: '{"maxSkew":1000}', peers: '["ws://127.0.0.1:1"]', 'websocket.listen': 'true', network: '7' }
  const { config } = await resolve({ flags })
  expect(config).toMatchObject({ policy: { maxSkew: 1_000 }, peers: ['ws://127.0.0.1:1'], network: '7' })
  expect(config.websocket.listen).toBe(true)
})

test('what is misspelt is refused by its path, with the nearest right name and where it stands', async () => {
  write('cosmic.config.json', { storage: { kind: 'lmdb', paht: 'x' } })
  expect(await refusal()).toEqual({
    code: 'unknown-field',
    field: 'storage.paht',
    hint: 'did you mean path? (cosmic.config.json)',
  })
  write('cosmic.config.json', { netwrok: 'x' })
  expect(await refusal()).toMatchObject({ field: 'netwrok', hint: 'did you mean network? (cosmic.config.json)' })
  write('cosmic.config.json', {})
  expect(await refusal({ env: { COSMIC_STORAGE_PAHT: 'x' } })).toMatchObject({
    code: 'unknown-field',
    field: 'COSMIC_STORAGE_PAHT',
    hint: 'did you mean COSMIC_STORAGE_PATH? (environment)',
  })
  expect(await refusal({ flags: { 'storge.kind': 'lmdb' } })).toMatchObject({ hint: 'did you mean storage.kind?' })
})

test('variables of other software that begin the same way are left alone', async () => {
  const { origins } = await resolve({ env: { COSMIC_SESSION_SOCK: '/run/x', COSMICAL: '1' } })
  expect(origins.size).toBe(0)
})

test('what cannot be is refused by its path and bound', async () => {
  const wrong: [LayerSources['flags'], object][] = [
    [{ 'websocket.port': '70000' }, { code: 'out-of-range', field: 'websocket.port', limit: '65535' }],
    [{ 'websocket.port': '-1' }, { code: 'out-of-range', field: 'websocket.port', limit: '0' }],
    [{ 'websocket.port': '"1"' }, { code: 'bad-type', field: 'websocket.port' }],
    [{ 'websocket.port': 'x' }, { code: 'bad-json', field: 'websocket.port' }],
    [{ 'storage.kind': 'sqlite' }, { code: 'bad-value', field: 'storage.kind' }],
    [{ 'storage.kind': 'postgres' }, { code: 'missing-field', field: 'storage.url' }],
    [
      { 'storage.kind': 'memory', 'storage.path': 'x' },
      { code: 'bad-value', field: 'storage.path' },
    ],
    [{ 'embedder.kind': 'openai' }, { code: 'missing-field', field: 'embedder.url' }],
    [{ 'embedder.url': 'http://127.0.0.1' }, { code: 'bad-value', field: 'embedder.url' }],
    [
      { 'embedder.kind': 'ollama', 'embedder.url': 'file:///etc' },
      { code: 'bad-value', field: 'embedder.url' },
    ],
    [
      { 'place.latitude': '91', 'place.longitude': '0' },
      { code: 'out-of-range', field: 'place.latitude' },
    ],
    [{ 'place.latitude': '9' }, { code: 'bad-type', field: 'place.longitude' }],
    [{ 'place.grid': '0.5' }, { code: 'bad-value', field: 'place.grid' }],
    [{ peers: JSON.stringify(Array.from({ length: 65 }, () => 'ws://a')) }, { code: 'out-of-range', field: 'peers' }],
    [{ network: 'x'.repeat(65) }, { code: 'out-of-range', field: 'network', limit: '64' }],
  ]
  for (const [flags, expected] of wrong)
    expect([flags, await refusal({ flags: flags! })]).toEqual([flags, expect.objectContaining(expected)])
})

test('addresses and model ids that cannot be are refused, and a byte order mark is passed over', async () => {
  for (const [flags, field] of [
    [{ peers: '["ws://127.0.0.1:1","nope"]' }, 'peers.1'],
    [{ 'webrtc.signaling': 'http://127.0.0.1:1' }, 'webrtc.signaling'],
    [{ model: 'no model' }, 'model'],
    [{ 'webrtc.iceServers': '[{"urls":"nonsense"}]' }, 'webrtc.iceServers.0.urls'],
    [{ 'webrtc.iceServers': '[{"urls":["stun:a","turn:b c"]}]' }, 'webrtc.iceServers.0.urls.1'],
    [{ 'webrtc.iceServers': '[{"url":"turn:a"}]' }, 'webrtc.iceServers.0.url'],
    [
      { 'webrtc.iceServers': '[{"urls":"stun:a"},{"urls":"turn:a","username":"me"}]' },
      'webrtc.iceServers.1.credential',
    ],
  ] as const) {
    expect([flags, await refusal({ flags })]).toEqual([
      flags,
      expect.objectContaining({ code: expect.stringMatching(/^(bad-value|missing-field|unknown-field)$/), field }),
    ])
  }
  write('cosmic.config.json', '\uFEFF{"network":"mine"}')
  expect((await resolve()).config.network).toBe('mine')
})

test('a file that is named must be there, be JSON, and be of a sensible size', async () => {
  expect(await refusal({ file: 'absent.json' })).toMatchObject({ code: 'storage', field: 'config' })
  expect(await refusal({ env: { COSMIC_CONFIG: 'absent.json' } })).toMatchObject({ code: 'storage', field: 'config' })
  write('broken.json', '{ "identity": { "passphrase": "hunter2" },, }')
  const error = await resolve({ file: 'broken.json' }).catch((caught: Error) => caught)
  expect(error).toMatchObject({ code: 'bad-json' })
  expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toContain('hunter2')
  write('list.json', '[]')
  expect(await refusal({ file: 'list.json' })).toMatchObject({ code: 'bad-json' })
  write('large.json', ' '.repeat(1_048_577))
  expect(await refusal({ file: 'large.json' })).toMatchObject({ code: 'too-large', limit: 1_048_576 })
})

test('each value is shown with where it came from, and no secret is', async () => {
  const flags = {
    'identity.passphrase': 'hunter2',
    'storage.kind': 'postgres',
    'storage.url': 'postgres://me:hunter2@db',
  }
  const iceServers = [{ urls: 'turn:a', username: 'me', credential: 'hunter2' }]
  write('cosmic.config.json', {
    webrtc: { iceServers },
    embedder: { kind: 'openai', url: 'http://a/?api-key=hunter2', model: 'm', dimensions: 8, key: 'hunter2' },
  })
  const shown = showConfig(await resolve({ flags }))
  expect(JSON.stringify(shown)).not.toContain('hunter2')
  const at = (wanted: string) => shown.find(({ path }) => path === wanted)
  expect(at('identity.passphrase')).toMatchObject({
    value: '***',
    origin: 'flag',
    variable: 'COSMIC_IDENTITY_PASSPHRASE',
  })
  expect(at('network')).toMatchObject({ value: 'cosmic', origin: 'default' })
  expect(at('webrtc.iceTransportPolicy')).toMatchObject({ variable: 'COSMIC_WEBRTC_ICE_TRANSPORT_POLICY' })
  expect(shown.every(({ description }) => description.length > 0)).toBe(true)
})

test('whatever is written, the answer is a configuration or a typed error', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.object({ key: fc.constantFrom('storage', 'kind', 'peers', 'policy', '__proto__') }), fc.anything()),
      value => {
        try {
          expect(checkConfig(value).network).toBeTypeOf('string')
        } catch (error) {
          expect(error).toBeInstanceOf(CosmicError)
        }
      },
    ),
  )
})
