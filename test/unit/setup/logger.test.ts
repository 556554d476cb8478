import { pino } from 'pino'
import { expect, test } from 'vitest'
import { CosmicError } from '../../../src/base/index'
import { SyncClient } from '../../../src/client/index'
import { createLogger, logEvents, redact, type Logger, type LoggerOptions } from '../../../src/setup/index'
import { Signer } from '../../../src/signer/index'
import { memoryNetwork, memoryTransport } from '../../../src/adapters/transport/memory'

function written(options: LoggerOptions, say: (logger: Logger) => void): string[] {
  const lines: string[] = []
  say(createLogger({ now: () => 0, write: line => void lines.push(line), ...options }))
  return lines
}

test('each line is one JSON object with time, level and message', () => {
  const lines = written({}, logger => {
    logger.debug({}, 'not written')
    logger.info({ peer: 'a', level: 'mine', msg: 'mine' }, 'two\nlines')
    logger.error({ error: new CosmicError({ code: 'storage', field: 'path' }) }, 'failed')
  })
  expect(lines.map(line => [line.endsWith('\n'), JSON.parse(line)])).toEqual([
    [true, { peer: 'a', time: '1970-01-01T00:00:00.000Z', level: 'info', msg: 'two\nlines' }],
    [
      true,
      {
        error: { name: 'CosmicError', code: 'storage', message: 'storage, field path', field: 'path' },
        time: '1970-01-01T00:00:00.000Z',
        level: 'error',
        msg: 'failed',
      },
    ],
  ])
})

test('levels leave out what is below them', () => {
  const count = (level: NonNullable<LoggerOptions['level']>) =>
    written({ level }, logger => {
      for (const at of ['debug', 'info', 'warn', 'error'] as const) logger[at]({}, at)
    }).length
  expect((['debug', 'info', 'warn', 'error', 'silent'] as const).map(count)).toEqual([4, 3, 2, 1, 0])
})

test('for people a line is one line, whatever a peer says, and colour is asked for', () => {
  const say = (logger: Logger) => logger.warn({ peer: 'a b', remote: '\u001b[2J\nfake', n: 1 }, 'no\u202e session')
  const [line] = written({ format: 'pretty' }, say)
  expect(line).toBe('00:00:00.000 WARN  no\ufffd session peer="a b" remote="\\u001b[2J\\nfake" n=1\n')
  expect(written({ format: 'pretty', colors: true }, say)[0]).toContain('\u001b[33m')
})

test('no secret is written, under whatever name, at whatever depth', () => {
  const secret = 'hunter2-hunter2-hunter2'
  const fields = {
    ...{
      passphrase: secret,
      password: secret,
      apiKey: secret,
      'api-key': secret,
      key: secret,
      seed: new Uint8Array(32),
    },
    ...{ headers: { Authorization: `Bearer ${secret}`, cookie: secret }, http: { tokens: [{ token: secret }] } },
    ...{ iceServers: [{ urls: 'turn:a', credential: secret }], url: `postgres://user:${secret}@host/db` },
    ...{ text: `sent Bearer ${secret} to it`, error: new Error(`no answer from https://a:${secret}@b`) },
    ...{
      at: `https://a/v1?v=1&api-key=${secret}#x`,
      others: [`wss://b/?access_token=${secret}&room=lab`, `http://c/?x-amz-signature=${secret}`],
      recoveryPhrase: secret,
      phrase: secret,
      cause: new CosmicError({ code: 'storage', hint: `redis://:${secret}@b` }),
    },
  }
  for (const format of ['json', 'pretty'] as const) {
    const [line] = written({ format }, logger => logger.error(fields, `at wss://me:${secret}@host`))
    expect(line).not.toContain(secret)
    expect(line).toContain('turn:a')
    expect(line).toContain('&room=lab')
  }
  expect(redact({ hasToken: true, tokens: undefined, keyword: 'open' })).toEqual({ hasToken: true, keyword: 'open' })
})

test('nothing that is handed over is endless, or makes the logger throw', () => {
  const ring: Record<string, unknown> = {
    big: 2n ** 70n,
    bytes: new Uint8Array(3),
    at: new Date(Number.NaN),
    f: () => 1,
  }
  ring['ring'] = ring
  const [line] = written({}, logger =>
    logger.info({ ring, text: 'x'.repeat(100_000), list: new Array(1e5).fill(1) }, 'm'),
  )
  expect(line!.length).toBeLessThan(20_000)
  expect(JSON.parse(line!).ring).toMatchObject({ big: String(2n ** 70n), bytes: '3 bytes', at: null })
})

test('a client tells a logger, and one of pino is one, what happens to its sessions', async () => {
  const network = memoryNetwork()
  const lines: Record<string, unknown>[] = []
  const foreign: Logger = pino({ level: 'debug' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const open = async (name: string) => {
    const transports = [memoryTransport({ network, name })]
    const client = new SyncClient({ signer: await Signer.generate(), transports })
    await client.start()
    return client
  }
  const [here, there] = [await open('here'), await open('there')]
  const stop = logEvents(here, foreign)
  await here.connect('memory://there')
  await there.close()
  await expect.poll(() => lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['connected', 'session failed']))
  expect(lines.find(({ msg }) => msg === 'connected')).toMatchObject({ peer: there.id, level: 30 })
  stop()
  const before = lines.length
  await here.close()
  expect(lines.length).toBe(before)
})
