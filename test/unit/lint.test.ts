import { readFileSync } from 'node:fs'
import { ESLint } from 'eslint'
import { describe, expect, test } from 'vitest'
import { refusal } from '../../.config/room-order.js'
import { roomTable } from '../../.config/rooms.js'

const root = new URL('../..', import.meta.url).pathname
const file = (path: string) => `${root}src/${path}`

describe('the order of rooms', () => {
  test.each([
    ['base/cid.ts', '../signer/index', 'base/ may not import signer/'],
    ['store/x.ts', '../search/index', 'store/ may not import search/'],
    ['search/x.ts', '../client/index', 'search/ may not import client/'],
    ['client/x.ts', '../adapters/storage/lmdb', 'client/ may not import adapters/'],
    ['testing/x.ts', '../adapters/storage/lmdb', 'testing/ may not import adapters/'],
    ['testing/x.ts', 'vitest', 'no test runner'],
    ['adapters/storage/lmdb.ts', '../../client/index', 'adapters/ may not import client/'],
    ['adapters/storage/lmdb.ts', '../keystore/file', 'never import each other'],
    ['adapters/transport/webrtc.ts', './websocket', 'never import each other'],
    ['index.ts', './adapters/transport/webrtc', 'src/index.ts may not import adapters/'],
    ['block/x.ts', '../base/bytes', 'through its index'],
    ['surfaces/cli/main.ts', '../../store/memory-storage', 'through its index'],
    ['client/x.ts', '../store/for-adapters', 'through its index'],
    ['client/x.ts', '../signer/for-wire', 'through its index'],
    ['block/x.ts', '../../test/x', 'leads out of the rooms'],
    ['nonsense/x.ts', '../base/index', 'is not a room'],
    ['block/x.ts', 'node:fs', 'touch the runtime'],
    ['block/x.ts', 'fs', 'touch the runtime'],
    ['adapters/storage/lmdb.ts', 'fs', 'write node:fs'],
    ['base/x.ts', '#platform', 'stands above platform/'],
  ])('%s importing %s is refused', (from, specifier, reason) => {
    expect(refusal(file(from), specifier)).toContain(reason)
  })

  test.each([
    ['signer/x.ts', '../base/index'],
    ['signer/x.ts', '#platform'],
    ['signer/x.ts', './did-key'],
    ['adapters/storage/lmdb.ts', 'node:path'],
    ['adapters/storage/lmdb.ts', '../../store/index'],
    ['adapters/storage/postgres.ts', '../../store/for-adapters'],
    ['wire/channel-crypto.ts', '../signer/for-wire'],
    ['adapters/transport/webrtc.ts', './message-queue'],
    ['adapters/transport/webrtc/peer-link.ts', '../message-queue'],
    ['adapters/embedder/minilm.browser.ts', './minilm'],
    ['surfaces/cli/main.ts', '../../adapters/storage/lmdb'],
    ['surfaces/cli/main.ts', '../signaling/index'],
    ['index.ts', './client/index'],
    ['block/x.ts', '@noble/hashes/sha2.js'],
  ])('%s may import %s', (from, specifier) => {
    expect(refusal(file(from), specifier)).toBeUndefined()
  })
})

describe('lint', () => {
  // Type-aware rules need a file of the project; these texts borrow the name of one.
  const eslint = new ESLint({ cwd: root, overrideConfigFile: `${root}.config/eslint.config.js` })
  const lint = async (path: string, code: string) => {
    const [result] = await eslint.lintText(code, { filePath: file(path) })
    return result!.messages.map(message => message.ruleId)
  }

  test.each([
    ['a static import', `import { x } from '../client/index'\nx()\n`, 'rooms/order'],
    ['a dynamic import', `await import('../client/index')\n`, 'rooms/order'],
    ['a type import', `export type X = import('../client/index').X\n`, 'rooms/order'],
    ['a re-export', `export * from '../client/index'\n`, 'rooms/order'],
    ['the clock', `export const now = Date.now()\n`, 'no-restricted-properties'],
    ['the clock by another name', `export const now = new Date()\n`, 'no-restricted-syntax'],
    ['randomness', `export const n = Math.random()\n`, 'no-restricted-properties'],
    ['a timer', `setTimeout(() => {}, 1)\n`, 'no-restricted-globals'],
    ['fetch', `await fetch('/')\n`, 'no-restricted-globals'],
    ['the DOM', `document.title = ''\n`, 'no-restricted-globals'],
    ['native crypto', `crypto.randomUUID()\n`, 'no-restricted-globals'],
    ['a way around', `globalThis.fetch('/')\n`, 'no-restricted-globals'],
    ['eval', `eval('1')\n`, 'no-restricted-syntax'],
    ['new Function', `export const f = new Function('return 1')\n`, 'no-restricted-syntax'],
    ['a forgotten promise', `Promise.resolve(1)\n`, '@typescript-eslint/no-floating-promises'],
  ])('refuses %s in a pure room', async (_, code, rule) => {
    expect(await lint('base/bytes.ts', code)).toContain(rule)
  })

  test('lets platform/ touch the runtime, but not evaluate code', async () => {
    const touch = `export const now = () => Date.now() + Math.random() + performance.now()\n`
    expect(await lint('platform/types.ts', touch)).toEqual([])
    expect(await lint('platform/types.ts', `eval('1')\n`)).toContain('no-restricted-syntax')
  })
})

test('docs/architecture.md shows the table that lint enforces', () => {
  const text = readFileSync(`${root}docs/architecture.md`, 'utf8')
  expect(text).toContain(roomTable())
})
