import { describe, expect, test } from 'vitest'
import { createBlock } from '../../../src/block/index'
import { Signer } from '../../../src/signer/index'
import { CosmicValidator } from '../../../src/validate/index'
import { startAgent, startAgents } from './agents'

const found = async ({ client }: Awaited<ReturnType<typeof startAgent>>, options = {}) => {
  const { hits } = await client.search([0.6, 0.8], { model: 'test:two', ...options })
  return hits.map(({ block }) => block.id).sort()
}
const text = (content: string) => ({ input: { type: 'text', content } as const })

describe('versions', () => {
  test('search shows the current one, and all of them on wish; get shows each', async () => {
    const agent = await startAgent()
    const first = await agent.publish(text('first'))
    const second = await agent.publish({ ...text('second'), supersedes: [first.id] })
    expect(await found(agent)).toEqual([second.id])
    expect(await found(agent, { versions: 'all' })).toEqual([first.id, second.id].sort())
    expect((await agent.client.get(first.id))?.id).toBe(first.id)
    const third = await agent.publish({ ...text('third'), supersedes: [second.id] })
    expect(await found(agent)).toEqual([third.id])
    await expect(found(agent, { versions: 'newest' })).rejects.toMatchObject({ code: 'bad-value', field: 'versions' })
  })

  test('what was replaced makes room among the hits', async () => {
    const agent = await startAgent()
    const [other, old] = [await agent.publish(text('other')), await agent.publish(text('old'))]
    let last = old
    for (let i = 0; i < 12; i++) last = await agent.publish({ ...text(`v${i}`), supersedes: [last.id] })
    expect(await found(agent, { k: 2 })).toEqual([other.id, last.id].sort())
  })

  test('concurrent versions are all shown, and a conflict; a merge settles it', async () => {
    const agent = await startAgent()
    const base = await agent.publish({ ...text('base'), time: 1000 })
    const [left, right] = [
      await agent.publish({ ...text('left'), supersedes: [base.id], time: 2000 }),
      await agent.publish({ ...text('right'), supersedes: [base.id], time: 3000 }),
    ]
    expect(await found(agent)).toEqual([left.id, right.id].sort())
    const history = await agent.client.history(base.id)
    expect([history?.conflict, history?.winner?.id]).toEqual([true, right.id])
    const merged = await agent.publish({ ...text('merged'), supersedes: [left.id, right.id], time: 4000 })
    expect(await found(agent)).toEqual([merged.id])
    expect((await agent.client.history(left.id))?.heads.map(({ id }) => id)).toEqual([merged.id])
  })

  test('by another author replaces nothing', async () => {
    const [a, b] = await startAgents(2)
    const mine = await a.publish(text('mine'))
    await b.client.connect('memory://a')
    const planted = await b.publish({ ...text('planted'), supersedes: [mine.id] })
    await b.client.waitForSync()
    expect(await found(b)).toEqual([mine.id, planted.id].sort())
    expect((await b.client.history(mine.id))?.heads.map(({ id }) => id)).toEqual([mine.id])
  })

  test('an id of which nothing is known has no history', async () => {
    const { client } = await startAgent()
    expect(await client.history(`bafyrei${'a'.repeat(52)}`)).toBeUndefined()
    await expect(client.history(7 as never)).rejects.toMatchObject({ code: 'bad-type', field: 'id' })
  })

  test('a policy that asks for current blocks lets go of one when it is replaced', async () => {
    const agent = await startAgent({ validator: new CosmicValidator({ require: { current: true } }) })
    const first = await agent.publish(text('first'))
    const withdrawn = new Promise<string>(resolve => agent.client.on('withdrawn', ({ code }) => resolve(code)))
    const second = await agent.publish({ ...text('second'), supersedes: [first.id] })
    expect(await withdrawn).toBe('superseded')
    expect(await agent.client.get(first.id)).toBeUndefined()
    expect((await agent.client.get(second.id))?.id).toBe(second.id)
    expect(await found(agent, { versions: 'all' })).toEqual([second.id])
  })
})

describe('withdrawing', () => {
  test('is for one’s own blocks, and not for what an identity rests on', async () => {
    const { client, signer, publish } = await startAgent()
    const foreign = await createBlock({ embedding: [1, 0], model: 'test:two' }, await Signer.generate())
    await client.publish(foreign)
    await expect(client.retract(foreign.id)).rejects.toMatchObject({ code: 'not-author', field: 'id' })
    const profile = await createBlock({ profile: { encryption: [new Uint8Array(32).fill(1)] } }, signer)
    await client.publish(profile)
    await expect(client.retract(profile.id)).rejects.toMatchObject({ code: 'bad-value', field: 'kind' })
    const unknown = `bafyrei${'a'.repeat(52)}`
    await expect(client.retract(unknown)).rejects.toMatchObject({ code: 'bad-value', field: 'id' })
    await expect(client.retract('nothing', { unheld: true })).rejects.toMatchObject({ code: 'bad-cid' })
    const { id } = await client.retract(unknown, { unheld: true })
    expect(await client.retract(unknown)).toEqual({ id })
    const first = await publish(text('first'))
    const second = await publish({ ...text('second'), supersedes: [first.id] })
    const gone = await client.get((await client.retract(second.id)).id)
    expect(gone).toMatchObject({ kind: 'retraction', retraction: { block: second.id }, supersedes: [first.id] })
    expect(gone!.time).toBeGreaterThanOrEqual(second.time)
  })
})
