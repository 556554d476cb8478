import { createBlock, Signer, SyncClient } from '../../src/index'
import { httpTransport } from '../../src/adapters/transport/http'

/** An agent that lives as long as one request, with `fetch` and nothing else: publishes, syncs, says what it holds. */
export default {
  async fetch(request: Request): Promise<Response> {
    const terms = new URL(request.url).searchParams
    const dial = terms.get('dial')
    if (dial === null) return new Response('here')
    const signer = await Signer.generate()
    const client = new SyncClient({ signer, transports: [httpTransport()] })
    await client.start()
    for (let i = 0; i < Number(terms.get('blocks')); i++) {
      await client.publish(await createBlock({ embedding: [1, i + 1], model: 'acme:pairs', sky: false }, signer))
    }
    await client.connect(dial)
    await client.waitForSync()
    const { store } = await client.status()
    await client.close()
    return Response.json(store.blocks)
  },
}
