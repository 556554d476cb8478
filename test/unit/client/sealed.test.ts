import { expect, test } from 'vitest'
import { unwrap } from '../../../src/base/index'
import { createBlock, openSealed, shareSealed, type KeywrapBlock, type SealedBlock } from '../../../src/block/index'
import { EncryptionKey } from '../../../src/signer/index'
import { startAgents } from './agents'

test('a sealed block syncs to everybody, is read by its recipients, and is never found by search', async () => {
  const [author, reader, other] = await startAgents(3)
  const [mine, key, late] = await Promise.all([1, 2, 3].map(() => EncryptionKey.generate()))
  const profile = await createBlock({ profile: { encryption: [key!.publicKey] } }, reader.signer)
  await reader.client.publish(profile)
  await reader.client.connect('memory://a')
  await other.client.connect('memory://a')
  await Promise.all([author, reader, other].map(({ client }) => client.waitForSync()))

  const published = await author.client.get(profile.id)
  if (published?.kind !== 'profile' || published.opaque) throw new Error('the profile did not arrive')
  const secret = { embedding: [0.6, 0.8], model: 'test:two', input: { type: 'text', content: 'hidden' } } as const
  const recipients = [mine!.publicKey, published]
  const block = await createBlock({ ...secret, recipients }, author.signer)
  const heard = [reader, other].map(({ client }) =>
    client.subscribe({ author: author.client.id })[Symbol.asyncIterator](),
  )
  await author.client.publish(block)
  const received = await Promise.all(heard.map(async blocks => (await blocks.next()).value as SealedBlock))
  expect(unwrap(await openSealed(received[0]!, key!)).input.content).toBe('hidden')
  expect(await openSealed(received[1]!, late!)).toMatchObject({ error: { code: 'not-recipient' } })
  for (const { client } of [author, reader, other]) {
    expect((await client.search([0.6, 0.8], { model: 'test:two' })).hits).toEqual([])
    expect((await client.status()).models).toEqual([])
    await expect(client.search(block)).rejects.toMatchObject({ code: 'bad-type' })
  }

  await author.client.publish(await shareSealed(block, mine!, [late!.publicKey], author.signer))
  const keywrap = (await heard[1]!.next()).value as KeywrapBlock
  expect(unwrap(await openSealed(received[1]!, late!, { keywraps: [keywrap] })).input.content).toBe('hidden')
})
