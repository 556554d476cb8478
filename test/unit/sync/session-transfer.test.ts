import { describe, expect, test } from 'vitest'
import { SESSION_LIMITS } from '../../../src/sync/index'
import { idOf, openNode, run } from './session-harness'
import { announce, asking, block, chunks, ids, itemOf, pair, sync, T } from './session-scenes'

describe('transfer', () => {
  test('missing blocks flow both ways, then new ones live, and both sides know that they are in sync', () => {
    const [left, right] = pair([block(1), block(2), block(3)], [block(3), block(4)])
    sync([left, right])
    expect([...left.store.keys()].sort()).toEqual([...right.store.keys()].sort())
    expect(left.status()).toMatchObject({ phase: 'live', received: 1, stored: 1, sent: 2, rounds: 1, faults: 0 })
    expect(right.status()).toMatchObject({ phase: 'live', received: 2, stored: 2, sent: 1, rounds: 1 })
    for (const node of [left, right]) expect(node.progress.filter(({ type }) => type === 'synced').length).toBe(1)
    right.publish(block(5))
    run(left, right)
    expect(left.store.has(idOf(block(5)))).toBe(true)
    expect(right.outbox).toEqual([])
  })

  test('a cut loses nothing: the next session fetches the rest only', () => {
    const blocks = Array.from({ length: 200 }, (_, n) => block(n))
    const [left, right] = pair(blocks, [])
    for (const node of [left, right]) node.open()
    while (right.store.size < 64) {
      for (const bytes of left.outbox.splice(0)) right.do({ type: 'message', bytes })
      for (const bytes of right.outbox.splice(0)) left.do({ type: 'message', bytes })
      left.work()
      right.work()
    }
    right.do({ type: 'disconnected' })
    expect(right.closed?.failure).toMatchObject({ code: 'peer-gone' })
    const held = right.store.size
    const again = pair(blocks, [...right.store.values()])
    sync(again)
    expect(again[1].store.size).toBe(200)
    expect(again[1].status().received).toBe(200 - held)
  })

  test('a batch has at most 64 blocks and 1 MiB, and waits for credit', () => {
    const blocks = Array.from({ length: 40 }, (_, n) => block(n, 250_000))
    const node = openNode(false, node => blocks.forEach(bytes => node.hold(bytes)))
    node.receive({ type: 'want', ids: blocks.map(idOf) })
    while (node.tasks.length > 0) node.work()
    const batches = node.sent().flatMap(message => (message.type === 'blocks' ? [message.blocks.length] : []))
    expect(batches).toEqual([4, 4, 4, 4])
    expect(node.status()).toMatchObject({ sent: 16, wanted: 24 })
    node.receive({ type: 'credit', bytes: 500_000, items: 0 })
    while (node.tasks.length > 0) node.work()
    expect(node.status()).toMatchObject({ sent: 18, wanted: 22 })
    const small = openNode(false, node => Array.from({ length: 70 }, (_, n) => node.hold(block(n))))
    small.receive({ type: 'want', ids: [...small.store.keys()] })
    while (small.tasks.length > 0) small.work()
    expect(small.sent().flatMap(message => (message.type === 'blocks' ? [message.blocks.length] : []))).toEqual([64, 6])
  })

  test('what came already over another session is asked for only if it is not stored', () => {
    const coming = new Set([idOf(block(1)), idOf(block(2))])
    const node = openNode(true, node => Object.assign(node.options, { isComing: (id: string) => coming.has(id) }))
    node.sent()
    const asked = () => node.sent().flatMap(message => (message.type === 'want' ? message.ids : []))
    node.receive(announce([1, 2, 3].map(n => idOf(block(n)))))
    expect(asked()).toEqual([idOf(block(3))])
    expect(node.status()).toMatchObject({ need: 2, inFlight: 1 })
    coming.clear()
    node.hold(block(1))
    node.do({ type: 'inserted', items: [{ time: T + 1, id: idOf(block(1)) }] })
    expect(asked()).toEqual([idOf(block(2))])
    expect(node.status()).toMatchObject({ need: 0, inFlight: 2 })
  })

  test('a session whose blocks all come over others waits for this node, not for its peer', () => {
    const node = openNode(false, node => Object.assign(node.options, { isComing: () => true }))
    node.receive(announce([idOf(block(1))]))
    node.stall(10)
    expect(node.status()).toMatchObject({ need: 1, inFlight: 0, stalled: 'ingest' })
    expect(node.closed).toBeUndefined()
  })

  test('what is not held is answered as gone', () => {
    const node = openNode(false, node => node.hold(block(1)))
    node.receive({ type: 'want', ids: [idOf(block(1)), idOf(block(2))] })
    node.work()
    expect(node.sent().map(({ type }) => type)).toEqual(['gone', 'blocks'])
  })

  test('what is gone, refused or deferred is not asked for again in the session', () => {
    const [one, two, three] = [block(1), block(2), block(3)] as const
    const node = asking(one, two, three)
    node.judge = id => ({ status: id === idOf(two) ? 'refused' : 'deferred', code: 'policy' })
    node.receive({ type: 'gone', ids: [idOf(one)] })
    node.receive({ type: 'blocks', blocks: [two, three] })
    node.work()
    node.receive({ type: 'announce', items: [one, two, three].map(itemOf) })
    expect(node.sent()).toEqual([])
    expect(node.status()).toMatchObject({ phase: 'greeting', faults: 0, stored: 0 })
  })

  test('an id announced by several messages is asked for once', () => {
    const node = asking(block(1))
    node.receive({ type: 'announce', items: [itemOf(block(1)), itemOf(block(1))] })
    expect(node.sent()).toEqual([])
  })

  test('credit goes back once blocks are ingested, so that any amount passes through the window', () => {
    const blocks = Array.from({ length: 60 }, (_, n) => block(n, 200_000))
    const [left, right] = pair(blocks, [])
    sync([left, right])
    expect(right.store.size).toBe(60)
    expect(right.state.grantedBytes + right.state.owedBytes).toBe(SESSION_LIMITS.window)
    expect(left.state.creditBytes).toBe(right.state.grantedBytes)
  })
})

describe('bounds that this side keeps', () => {
  test('at most 1,024 ids are in flight, whatever is announced', () => {
    const node = openNode()
    for (const some of chunks(ids(4096), 256)) node.receive(announce(some))
    expect(node.status()).toMatchObject({ inFlight: 1024, need: 3072 })
    node.receive({ type: 'gone', ids: ids(63) })
    expect(node.status()).toMatchObject({ inFlight: 961, need: 3072 })
    node.receive({ type: 'gone', ids: ids(1, 63) })
    expect(node.status()).toMatchObject({ inFlight: 1024, need: 3008 })
  })

  test('an answer is read only when the queues are short', () => {
    const node = openNode(true)
    for (const some of chunks(ids(2100), 256)) node.receive(announce(some))
    expect(node.status().need).toBeGreaterThan(SESSION_LIMITS.resume)
    node.receive({ type: 'reconcile', bytes: Uint8Array.of(0x61) })
    expect(node.state.answer).toBeDefined()
    node.sent()
    for (const some of chunks(ids(256), 64)) node.receive({ type: 'gone', ids: some })
    expect(node.state.answer).toBeUndefined()
    expect(node.sent().map(({ type }) => type)).toContain('reconciled')
  })

  test('announcing waits for credit; what overflows the queue makes an audit due', () => {
    for (const initiator of [true, false]) {
      const node = openNode(initiator)
      const inserted = (names: readonly string[]) =>
        node.do({ type: 'inserted', items: names.map(id => ({ id, time: T })) })
      inserted(ids(SESSION_LIMITS.have))
      const announced = node.sent().flatMap(message => (message.type === 'announce' ? message.items : []))
      expect(announced.length).toBe(4096)
      expect(node.status().have).toBe(SESSION_LIMITS.have - 4096)
      expect(node.state.auditDue).toBe(false)
      inserted(ids(4097, 100_000))
      expect(node.status().have).toBe(SESSION_LIMITS.have)
      expect(node.state.auditDue).toBe(true)
      if (!initiator) expect(node.sent().map(({ type }) => type)).toContain('audit')
    }
  })

  test('what came from the peer is not announced back to it', () => {
    const node = asking(block(1))
    node.receive({ type: 'blocks', blocks: [block(1)] })
    node.work()
    node.do({ type: 'inserted', items: [itemOf(block(1))] })
    expect(node.sent()).toEqual([])
  })
})
