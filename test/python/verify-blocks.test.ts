import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { openedBlocks, refusedBlocks, validBlocks } from '../tools/block-vectors/read'
import { edgeSignatures } from '../tools/edge-signatures'
import { VECTORS } from '../tools/make-block-vectors'
import { hasPython, PYTHON_PATH } from '../tools/python.mjs'
import speccheck from '../vectors/ed25519-speccheck-zip215.json'

const runs = hasPython()
if (!runs)
  console.warn(
    `\n*** SKIPPED: the second verifier (test/python): no cbor2, cryptography and nacl for ${PYTHON_PATH} ***\n`,
  )

const script = fileURLToPath(new URL('verify_blocks.py', import.meta.url))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const SIGNATURES = [
  ...speccheck.map(({ kind, ...rest }) => ({ name: kind, ...rest })),
  ...edgeSignatures().map(({ name, publicKey, message, signature, valid }) => ({
    name,
    publicKey: hex(publicKey),
    message: hex(message),
    signature: hex(signature),
    valid,
  })),
]

/** Runs the verifier, which writes no bytecode into the tree. */
function verify(args: readonly string[], input = ''): { readonly checked: number; readonly wrong: readonly object[] } {
  const { stdout, stderr } = spawnSync(PYTHON_PATH, ['-B', script, ...args], { input, encoding: 'utf8' })
  expect(stderr).toBe('')
  return JSON.parse(stdout) as { checked: number; wrong: object[] }
}

describe.skipIf(!runs)('the verifier in Python', () => {
  test('accepts, refuses and opens every block vector as we do, with the same code, field and offset', () => {
    const files = readdirSync(VECTORS).map(name => VECTORS + name)
    const { checked, wrong } = verify(files)
    expect(wrong).toEqual([])
    expect(checked).toBe(validBlocks.length + refusedBlocks.length + openedBlocks.length)
  })

  test('answers every edge case of signatures as ZIP-215 does', () => {
    const { checked, wrong } = verify(['--signatures'], JSON.stringify(SIGNATURES))
    expect(wrong).toEqual([])
    expect(checked).toBe(SIGNATURES.length)
  })

  test('names what is not as it was told', () => {
    const turned = { ...SIGNATURES[0]!, valid: !SIGNATURES[0]!.valid }
    expect(verify(['--signatures'], JSON.stringify([turned])).wrong).toMatchObject([{ name: turned.name }])
  })
})
