import { expect, test } from 'vitest'
import { CosmicValidator, createBlock, decodeBlock, Signer, SyncClient, verifyBlocks } from '../../src/index'

const seed = new Uint8Array(32).fill(7)
const fields = (embedding: number[], content: string) => ({
  embedding: Float32Array.from(embedding),
  model: 'acme:tiny',
  input: { type: 'text' as const, content },
  time: Date.UTC(2026, 0, 1),
  place: { latitude: 48.2, longitude: 16.4 },
})

test('makes, decodes and verifies a block, sky included', async () => {
  const block = await createBlock(fields([1, 0, 0], 'Water boils at 100 °C.'), await Signer.fromSeed(seed))
  const decoded = decodeBlock(block.bytes)
  expect(decoded.ok && decoded.value.id).toBe(block.id)
  const verdict = await new CosmicValidator().validate(block.bytes)
  expect(verdict).toMatchObject({ status: 'valid', admitted: true })
  expect(verdict.grades.consistent).toBeDefined()
})

test('refuses a block with one byte changed', async () => {
  const { bytes } = await createBlock(fields([1, 0, 0], 'x'), await Signer.fromSeed(seed))
  const tampered = bytes.slice()
  tampered[tampered.length - 1]! ^= 1
  expect(await new CosmicValidator().validate(tampered)).toMatchObject({ status: 'invalid', code: 'bad-signature' })
})

test('verifies many blocks, good and bad, in order', async () => {
  const signer = await Signer.fromSeed(seed)
  const good = await Promise.all([1, 2, 3].map(x => createBlock(fields([x, 0, 0], 'x'), signer)))
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const { bytes } of good) controller.enqueue(bytes)
      controller.enqueue(new Uint8Array(3))
      controller.close()
    },
  })
  const results: (string | undefined)[] = []
  for await (const { result } of verifyBlocks(source)) results.push(result.ok ? result.value.id : undefined)
  expect(results).toEqual([...good.map(({ id }) => id), undefined])
})

test('finds what it published by meaning', async () => {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer })
  await client.start()
  const near = await client.publish(await createBlock(fields([1, 0.1, 0], 'near'), signer))
  await client.publish(await createBlock(fields([0, 0, 1], 'far'), signer))
  const { hits } = await client.search(Float32Array.of(1, 0, 0), { model: 'acme:tiny', k: 1 })
  expect(hits.map(hit => hit.block.id)).toEqual([near.id])
  await client.close()
})
