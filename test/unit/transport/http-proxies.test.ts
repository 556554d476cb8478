import { afterEach, expect, test } from 'vitest'
import { httpTransport } from '../../../src/adapters/transport/http'
import { createBlock } from '../../../src/block/index'
import { SyncClient } from '../../../src/client/index'
import { Signer } from '../../../src/signer/index'
import type { Transport } from '../../../src/wire/index'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

/** A proxy between two agents that answers, or takes, two posts as it likes. */
const PROXIES: Record<string, (forward: () => Promise<Response>) => Promise<Response>> = {
  'answers with a page': async () => new Response('<h1>log in</h1>'),
  'finds too many requests': async () => new Response('later', { status: 429 }),
  'refuses as malformed': async () => new Response(null, { status: 400 }),
  'swallows a post': async () => new Response(null, { status: 204 }),
  'repeats a post': async forward => {
    await forward()
    return forward()
  },
  'loses an answer': async forward => {
    await forward()
    return new Response('late', { status: 504 })
  },
}

test.each(Object.entries(PROXIES))(
  'a proxy that %s parts two agents for no longer than a moment',
  async (_, answer) => {
    const transport = httpTransport({ listen: {} })
    let posts = 0
    const through = (url: string, init: RequestInit) => {
      const forward = () => transport.fetch(new Request(url, init))
      const isPost = init.method === 'POST' && new Headers(init.headers).has('cosmic-sequence')
      return isPost && [5, 15].includes(++posts) ? answer(forward) : forward()
    }
    const near = await agentOver(transport)
    const far = await agentOver(httpTransport({ fetch: through }))
    await Promise.all([near.add(60), far.add(60)])
    await far.client.connect('http://near.example/sync', { retry: true }).catch(() => {})
    for (const { client } of [near, far]) {
      await expect.poll(async () => (await client.status()).store.blocks, { timeout: 20_000 }).toBe(120)
    }
    await far.add(1)
    await expect.poll(async () => (await near.client.status()).store.blocks, { timeout: 10_000 }).toBe(121)
  },
)

async function agentOver(transport: Transport) {
  const signer = await Signer.generate()
  const client = new SyncClient({ signer, transports: [transport] })
  await client.start()
  cleanups.push(() => client.close())
  let made = 0
  const add = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const embedding = [++made, 1]
      await client.publish(await createBlock({ embedding, model: 'acme:pairs', sky: false }, signer))
    }
  }
  return { client, add }
}
