import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { webSocketTransport } from '../../../src/adapters/transport/websocket'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import { judgeClock } from '../../../src/surfaces/doctor/check-clock'
import { judgeRuntime } from '../../../src/surfaces/doctor/check-here'
import type { CheckName, Finding } from '../../../src/surfaces/doctor/index'
import { createSignalingServer } from '../../../src/surfaces/signaling/index'
import { TURN_PATH } from '../../tools/servers.mjs'
import { startTurnServer } from '../../tools/turn-server'
import { newFolder, runCommand, type Given } from './run-command'

const cwd = newFolder()
const away: (() => unknown)[] = []
beforeAll(() => runCommand(['init', '--yes', '--set', 'model=acme:tiny', '--set', 'embedder.kind=none'], { cwd }))
afterAll(async () => {
  for (const end of away) await end()
  rmSync(cwd, { recursive: true, force: true })
})

/** What one check says, and the exit code. */
async function ask(check: CheckName, settings: readonly string[] = [], given: Given = {}) {
  const sets = settings.flatMap(setting => ['--set', setting])
  const args = ['doctor', '--only', check, '--timeout', '2', '--json', ...sets]
  const { code, out } = await runCommand(args, { cwd, ...given })
  const findings = (JSON.parse(out) as Finding[]).filter(finding => finding.check === check)
  return { code, findings, statuses: findings.map(({ status }) => status), fix: findings.at(-1)?.fix ?? '' }
}

async function listening(server: Server | ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  away.push(() => server.close())
  return (server.address() as AddressInfo).port
}

test('a node that is well is told so, for people and for programs, and nothing is changed', async () => {
  const healthy = newFolder()
  await runCommand(['init', '--yes', '--set', 'embedder.kind=none', '--set', 'http.port=0'], { cwd: healthy })
  const { code, out, err } = await runCommand(['doctor'], { cwd: healthy })
  expect([code, err]).toEqual([0, ''])
  expect(out).toMatch(/^ok +settings +from cosmic\.config\.json$/m)
  expect(out).toMatch(/^ok +keys +did:key:/m)
  expect(out).not.toContain('\u001b')
  expect(existsSync(path.join(healthy, 'cosmic-data/store'))).toBe(false)
  const lines = (await runCommand(['doctor', '--offline', '--jsonl'], { cwd: healthy })).out.trim().split('\n')
  const checks = lines.map(line => (JSON.parse(line) as Finding).check)
  expect(checks).toEqual(['settings', 'runtime', 'disk', 'keys', 'store', 'ports'])
  rmSync(healthy, { recursive: true })
})

test('settings that cannot be are named, and end the examination', async () => {
  expect((await ask('settings')).statuses).toEqual(['ok'])
  const { code, out } = await runCommand(['doctor', '--json', '--set', 'storage.kidn=lmdb'], { cwd })
  expect(code).toBe(3)
  expect(JSON.parse(out)).toMatchObject([
    { check: 'settings', status: 'failed', message: expect.stringContaining('storage.kind'), fix: expect.any(String) },
  ])
  expect((await runCommand(['doctor', '--only', 'nonsense'], { cwd })).code).toBe(2)
})

test('a Node that is too old is refused', async () => {
  expect((await ask('runtime')).statuses).toEqual(['ok'])
  expect(judgeRuntime('20.18.3').status).toBe('failed')
  expect(judgeRuntime('18.20.0')).toMatchObject({ status: 'failed', fix: expect.stringContaining('npx') })
  expect(judgeRuntime('22.0.0').status).toBe('ok')
})

test('a key that is missing, damaged, locked or open to others is told, with what mends it', async () => {
  expect((await ask('keys')).statuses).toEqual(['ok'])
  if (process.platform !== 'win32') {
    const open = path.join(cwd, 'cosmic-data/identity')
    chmodSync(open, 0o644)
    const { code, fix } = await ask('keys')
    expect([code, fix]).toEqual([0, `chmod 600 ${open}`])
    execFileSync('sh', ['-c', fix])
    expect((await ask('keys')).statuses).toEqual(['ok'])
  }
  const empty = newFolder()
  expect(await ask('keys', [], { cwd: empty })).toMatchObject({ code: 3, fix: 'npx cosmic-embeddings init' })
  await runCommand(['init', '--yes'], { cwd: empty, env: { COSMIC_IDENTITY_PASSPHRASE: 'right' } })
  const wrong = await ask('keys', [], { cwd: empty, env: { COSMIC_IDENTITY_PASSPHRASE: 'wrong' } })
  expect(wrong).toMatchObject({ code: 3, fix: expect.stringContaining('COSMIC_IDENTITY_PASSPHRASE') })
  const file = path.join(empty, 'cosmic-data/identity')
  writeFileSync(file, 'no key')
  const damaged = await ask('keys', [], { cwd: empty })
  expect(damaged).toMatchObject({ code: 3, fix: expect.stringContaining('init --restore') })
  execFileSync('sh', ['-c', damaged.fix.split('&&', 1)[0]!])
  expect(existsSync(file)).toBe(false)
  mkdirSync(file)
  const folder = await ask('keys', [], { cwd: empty })
  expect(folder).toMatchObject({ code: 3, fix: expect.stringMatching(/^mv .*identity .*init --restore$/) })
  rmSync(empty, { recursive: true })
})

test('a folder that is a file is told', async () => {
  expect((await ask('disk')).statuses).toEqual(['ok'])
  writeFileSync(path.join(cwd, 'a-file'), '')
  expect(await ask('disk', ['folder=a-file/inside'])).toMatchObject({ code: 3, statuses: ['failed'] })
})

const isRoot = process.platform === 'linux' && process.getuid?.() === 0
test.skipIf(!isRoot)('a disk that is full or cannot be written is told', async () => {
  const disk = path.join(cwd, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
  try {
    const full = await ask('disk', [`folder=${disk}`])
    expect(full).toMatchObject({ code: 3, fix: expect.stringContaining('retention') })
    const made = await runCommand(['init', '--yes', '--config', `${disk}/own.json`, '--set', `folder=${disk}`], { cwd })
    expect(made.code).toBe(0)
    expect(
      (await runCommand(['create', '--vectors', '-', '--set', `folder=${disk}`], { cwd, input: '[1,2,3,4,5,6,7,8]' }))
        .code,
    ).toBe(0)
    spawnSync('dd', ['if=/dev/zero', `of=${disk}/fill`, 'bs=1k'])
    expect(await ask('disk', [`folder=${disk}`])).toMatchObject({ code: 3, fix: `df -h ${disk}` })
    // Nothing is damaged: to move the store away would lose it.
    expect(await ask('store', [`folder=${disk}`])).toMatchObject({ code: 3, fix: `df -h ${disk}/store` })
    rmSync(`${disk}/fill`)
    expect((await ask('store', [`folder=${disk}`])).statuses).toEqual(['ok'])
    execFileSync('mount', ['-o', 'remount,ro', disk])
    expect(await ask('disk', [`folder=${disk}`])).toMatchObject({ code: 3, fix: `chmod u+rwx ${disk}` })
  } finally {
    execFileSync('umount', ['--lazy', disk])
  }
})

test('a store that is whole is told so; one in use is left alone; a broken one is salvaged by the command that is named', async () => {
  for (const row of ['[1,2,3,4,5,6,7,8]', '[8,7,6,5,4,3,2,1]']) {
    expect((await runCommand(['create', '--vectors', '-'], { cwd, input: row })).code).toBe(0)
  }
  expect((await ask('store')).findings).toMatchObject([{ status: 'ok', message: expect.stringContaining('2 blocks') }])
  expect((await ask('store', ['storage.kind=memory'])).statuses).toEqual(['warning'])
  const file = path.join(cwd, 'cosmic-data/store/data.mdb')
  const whole = readFileSync(file)
  writeFileSync(file, whole.subarray(0, whole.length - 4_096))
  const { code, fix } = await ask('store')
  expect(code).toBe(3)
  const [move, salvage] = fix.split(' && ') as [string, string]
  execFileSync('sh', ['-c', move])
  const args = salvage.split(' ').slice(2)
  expect((await runCommand(args, { cwd })).out).toMatch(/^[12] stored, 0 deferred, 0 refused/)
  expect((await ask('store')).statuses).toEqual(['ok'])
})

test('PostgreSQL that does not answer is told', async () => {
  const settings = ['storage.kind=postgres', 'storage.url=postgres://127.0.0.1:9/none']
  expect(await ask('store', settings)).toMatchObject({ code: 3, fix: expect.stringContaining('config show') })
})

test('the clock is compared with the services of the settings', async () => {
  expect((await ask('clock')).findings[0]!.message).toContain('no service')
  const right = createHttpServer((_, response) => response.end())
  const wrong = createHttpServer((_, response) => response.setHeader('date', new Date(0).toUTCString()).end())
  const [good, bad] = [await listening(right), await listening(wrong)]
  expect((await ask('clock', [`webrtc.signaling=ws://127.0.0.1:${good}`])).statuses).toEqual(['ok'])
  const ahead = await ask('clock', [`webrtc.signaling=ws://127.0.0.1:${bad}`])
  expect(ahead).toMatchObject({ code: 3, statuses: ['failed'] })
  expect(ahead.fix.length).toBeGreaterThan(0)
  expect(judgeClock('a', -60_000, 600_000)).toMatchObject({ status: 'warning', message: '60 s behind a' })
})

test('a port in use by something else is told apart from one that this node serves', async () => {
  const taken = await listening(createServer())
  const free = await ask('ports', ['http.port=0', 'websocket.listen=true', 'websocket.port=0'])
  expect(free.statuses).toEqual(['skipped', 'skipped'])
  const inUse = await ask('ports', [`http.port=${taken}`])
  expect(inUse).toMatchObject({ code: 3, fix: 'npx cosmic-embeddings serve --set http.port=0' })
  expect((await ask('ports', ['http.port=1', 'http.host=192.0.2.77'])).code).toBe(3)
  let found: Awaited<ReturnType<typeof ask>> | undefined
  await runCommand(['serve', '--jsonl', '--set', 'http.port=0'], {
    cwd,
    watch: (text, stop) => {
      const { url } = JSON.parse(text) as { url: string }
      void ask('ports', [`http.port=${new URL(url).port}`])
        .then(answer => (found = answer))
        .finally(stop)
    },
  })
  expect(found).toMatchObject({ code: 0, statuses: ['ok'] })
  expect((await ask('ports', [`http.port=${taken + 1 > 65_535 ? 40_000 : taken + 1}`])).code).toBe(0)
})

test('a model that is missing, that answers, and a service that does not, are told', async () => {
  expect((await ask('model')).statuses).toEqual(['skipped'])
  const used = await ask('model', ['embedder.kind=auto'])
  expect(['ok', 'warning']).toContain(used.statuses[0])
  const service = ['embedder.kind=ollama', 'embedder.model=tiny', 'embedder.dimensions=8']
  const gone = await ask('model', [...service, 'embedder.url=http://127.0.0.1:9'])
  expect(gone).toMatchObject({ code: 3, fix: 'ollama serve' })
  const answers = createHttpServer((request, response) => {
    const isAllowed = request.url === '/api/embed'
    response.writeHead(isAllowed ? 200 : 401).end(JSON.stringify({ embeddings: [[1, 2, 3, 4, 5, 6, 7, 8]] }))
  })
  const url = `http://127.0.0.1:${await listening(answers)}`
  expect((await ask('model', [...service, `embedder.url=${url}`])).statuses).toEqual(['ok'])
  const locked = ['embedder.kind=openai', ...service.slice(1), `embedder.url=${url}/v1`]
  expect((await ask('model', locked)).fix).toContain('COSMIC_EMBEDDER_KEY')
})

test('a signaling service that answers, and one that does not, are told; the command named for it runs one', async () => {
  expect((await ask('signaling')).statuses).toEqual(['skipped'])
  const server = await createSignalingServer()
  const settings = [`webrtc.signaling=${server.url}`]
  expect((await ask('signaling', settings)).statuses).toEqual(['ok'])
  await server.close()
  const gone = await ask('signaling', settings)
  expect(gone).toMatchObject({ code: 3, statuses: ['failed'] })
  let again: Awaited<ReturnType<typeof ask>> | undefined
  await runCommand(gone.fix.split(' ').slice(2), {
    cwd,
    watch: (_, stop) =>
      void (again
        ? undefined
        : ask('signaling', settings)
            .then(found => (again = found))
            .finally(stop)),
  })
  expect(again?.statuses).toEqual(['ok'])
})

test('WebRTC opens a channel here', async () => {
  expect((await ask('webrtc')).statuses).toEqual(['skipped'])
  expect((await ask('webrtc', ['webrtc.signaling=ws://127.0.0.1:9'])).statuses).toEqual(['ok'])
})

test.skipIf(!existsSync(TURN_PATH))('TURN servers are told apart: granting, wrong credentials, silent', async () => {
  const turn = await startTurnServer()
  away.push(() => turn.stop())
  const { iceServer } = turn
  const stun = { urls: iceServer.urls.replace('turn:', 'stun:').replace('?transport=udp', '') }
  const of = (...servers: object[]) => ask('turn', [`webrtc.iceServers=${JSON.stringify(servers)}`])
  expect((await ask('turn')).statuses).toEqual(['skipped'])
  expect((await ask('turn', ['webrtc.iceTransportPolicy=relay'])).statuses).toEqual(['failed'])
  expect((await of(iceServer, stun)).statuses).toEqual(['ok', 'ok'])
  expect((await of({ ...iceServer, urls: 'turn:127.0.0.1:99999' })).statuses).toEqual(['failed'])
  const silent = createSocketPort()
  const wrong = await of(
    { ...iceServer, credential: 'wrong' },
    { ...iceServer, urls: `turn:127.0.0.1:${await silent}` },
  )
  expect(wrong.code).toBe(3)
  expect(wrong.findings.map(({ message }) => message)).toEqual([
    expect.stringContaining('refuses these credentials'),
    expect.stringContaining('no answer in 2000 ms'),
  ])
  expect(JSON.stringify(wrong.findings)).not.toContain(iceServer.credential)
})

/** A UDP port at which something listens and says nothing. */
async function createSocketPort(): Promise<number> {
  const { createSocket } = await import('node:dgram')
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(0, '127.0.0.1', resolve))
  away.push(() => socket.close())
  return socket.address().port
}

test('peers that answer, that are gone, and that are of another network, are told', async () => {
  expect((await ask('peers')).statuses).toEqual(['skipped'])
  const transports = [webSocketTransport({ listen: { port: 0 } })]
  const client = new SyncClient({ signer: await Signer.generate(), network: 'cosmic', transports })
  await client.start()
  away.push(() => client.close())
  const [address] = (await client.status()).addresses
  const met = await ask('peers', [`peers=["${address}"]`])
  expect(met.findings).toMatchObject([{ status: 'ok', message: expect.stringContaining(client.id) }])
  expect((await ask('peers', [`peers=["${address}"]`, 'network=other'])).statuses).toEqual(['failed'])
  const gone = await ask('peers', ['peers=["ws://127.0.0.1:9"]'])
  expect(gone).toMatchObject({ code: 3, fix: 'npx cosmic-embeddings peers remove ws://127.0.0.1:9' })
})
