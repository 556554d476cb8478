import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { webSocketSignaling } from '../../src/adapters/transport/webrtc'

const bin = path.join(inject('installed').project, 'node_modules/.bin/cosmic-embeddings')

test('the installed command runs a signaling service until it is interrupted', async () => {
  const command = spawn(bin, ['signal', '--port', '0'])
  let printed = ''
  command.stdout.on('data', chunk => (printed += chunk))
  await expect.poll(() => printed, { timeout: 10_000 }).toMatch(/ws:\/\/127\.0\.0\.1:\d+/)
  const url = /ws:\/\/[\d.:]+/.exec(printed)![0]
  const room = await webSocketSignaling(url).join('kitchen', { onSignal: () => {} })
  expect(room.peers).toEqual([])
  await room.leave()
  command.kill('SIGINT')
  expect((await once(command, 'close'))[0]).toBe(0)
})
