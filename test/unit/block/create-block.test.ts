import { describe, expect, test } from 'vitest'
import { createBlock, decodeBlock, blockVector, toJSON } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
test('smoke', async () => {
  const signer = await Signer.generate()
  const b = await createBlock({ embedding: [0.1,-0.4,0.2], model: 'acme:embed-1', input: {type:'text', content:'Water boils at 100 °C.'}, tags:['physics'], place: {latitude: 48.2, longitude: 16.37}, extensions: {'acme/x': {a: [1,2,{'__proto__': 3}]}} , supersedes: []}, signer)
  console.log(JSON.stringify(toJSON(b), null, 1), blockVector(b))
  const d = decodeBlock(b.bytes)
  expect(d.ok && d.value).toEqual(b)
})
