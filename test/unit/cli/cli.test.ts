import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import manifest from '../../../package.json'
import { webSocketSignaling } from '../../../src/adapters/transport/webrtc'
import { createBlock, exportCar } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { createSignalingServer } from '../../../src/surfaces/signaling/index'
import { runCommand as run } from './run-command'

test('--version and --help answer with exit code 0', async () => {
  expect(await run(['--version'])).toEqual({ code: 0, out: `${manifest.version}\n`, err: '' })
  const help = await run(['--help'])
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toContain('signal')
  expect(help.out).toContain('Exit codes:')
})

test('wrong usage is explained on standard error with exit code 2', async () => {
  const wrong = [[], ['nonsense'], ['signal', '--nonsense'], ['signal', '--port', 'x'], ['signal', '--port', '65536']]
  for (const args of wrong) {
    const { code, out, err } = await run(args)
    expect([args, code, out]).toEqual([args, 2, ''])
    expect(err.length).toBeGreaterThan(0)
  }
})

test('flags that contradict each other are refused, both by name, with exit code 2', async () => {
  for (const [args, ...named] of [
    [['config', 'show', '--json', '--jsonl'], '--json', '--jsonl'],
    [['sky', '--svg', '--json'], '--svg', '--json'],
    [['doctor', '--offline', '--time', 'http://127.0.0.1:1'], '--offline', '--time'],
    [['sim', '--plan', 'x.json', '--seeds', '3'], '--plan', '--seeds'],
    [['sim', '--list', '--scenario', 'siege'], '--list', '--scenario'],
  ] as const) {
    const { code, out, err } = await run([...args])
    expect([args, code, out]).toEqual([args, 2, ''])
    for (const flag of named) expect(err).toContain(flag)
  }
})

test('signal says where it is and how to use it, serves, and stops on request', async () => {
  let joined: Promise<unknown> | undefined
  const { code, out } = await run(['signal', '--port', '0'], {
    watch: (text, stop) => {
      const url = /ws:\/\/127\.0\.0\.1:\d+/.exec(text)?.[0]
      if (url && !joined)
        joined = webSocketSignaling(url)
          .join('lab', { onSignal: () => {} })
          .finally(stop)
    },
  })
  expect(await joined).toMatchObject({ peers: [] })
  expect(code).toBe(0)
  expect(out).toContain("room: 'my-room'")
})

test('a port in use is one line that names it, with exit code 1', async () => {
  const server = await createSignalingServer()
  const port = server.url.split(':').at(-1)!
  const { code, out, err } = await run(['signal', '--port', port])
  expect([code, out]).toEqual([1, ''])
  expect(err).toBe(`error: port ${port} on 127.0.0.1 is in use\n`)
  await server.close()
})

test('as a process it ends with exit code 0 on Ctrl-C', async () => {
  const main = fileURLToPath(new URL('../../../src/surfaces/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'signal', '--port', '0'])
  const [text] = await once(child.stdout, 'data')
  expect(String(text)).toContain('ws://127.0.0.1:')
  child.kill('SIGINT')
  expect((await once(child, 'exit'))[0]).toBe(0)
})

test('Ctrl-C does not wait for what else would come in through a pipe', async () => {
  const main = fileURLToPath(new URL('../../../src/surfaces/cli/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'verify', '-', '--jsonl'])
  const signer = await Signer.generate()
  for await (const chunk of exportCar([await createBlock({ embedding: [1, 2, 3, 4], model: 'acme:tiny' }, signer)]))
    child.stdin.write(chunk)
  const [line] = await once(child.stdout, 'data')
  expect(JSON.parse(String(line))).toMatchObject({ status: 'valid' })
  child.kill('SIGINT')
  expect((await once(child, 'exit'))[0]).toBe(130)
})
