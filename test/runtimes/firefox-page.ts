import { indexedDbIdentity } from '../../src/adapters/keystore/indexeddb'
import { createBlock } from '../../src/block/index'
import { testedNative } from '../../src/signer/native'
import { verifySignature } from '../../src/signer/index'
import { CosmicValidator } from '../../src/validate/index'
import { edgeSignatures } from '../tools/edge-signatures'
import { indexedDbSuites } from '../tools/indexeddb-suites'
import speccheck from '../vectors/ed25519-speccheck-zip215.json'
import { runSuites } from './page-runner'

const unhex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g) ?? [], pair => Number.parseInt(pair, 16))

/** The cases whose answer is not that of ZIP-215, by `verifySignature` and by the browser's own accepts. */
async function signatures() {
  const published = speccheck.map(({ kind, publicKey, message, signature, valid }) => ({
    name: kind,
    publicKey: unhex(publicKey),
    message: unhex(message),
    signature: unhex(signature),
    valid,
  }))
  const native = await testedNative()
  const [wrong, tooLax]: [string[], string[]] = [[], []]
  const cases = [...published, ...edgeSignatures()]
  for (const { name, publicKey, message, signature, valid } of cases) {
    if ((await verifySignature(publicKey, message, signature)) !== valid) wrong.push(name)
    const accepted = await Promise.resolve(native.verify?.(publicKey, message, signature)).catch(() => false)
    if (accepted && !valid) tooLax.push(name)
  }
  return { cases: cases.length, native: Object.keys(native).sort(), wrong, tooLax }
}

/** An identity that no script can read signs a block and survives. */
async function identity() {
  const [first, second] = [await indexedDbIdentity(), await indexedDbIdentity()]
  const block = await createBlock({ embedding: [1, 2], model: 'acme:embed-1' }, second)
  const { status } = await new CosmicValidator().validate(block.bytes)
  return { same: first.did === second.did, extractable: second.extractable, status }
}

Object.assign(globalThis, {
  answers: async () => ({ signatures: await signatures(), identity: await identity() }),
  storage: () => runSuites(indexedDbSuites),
})
