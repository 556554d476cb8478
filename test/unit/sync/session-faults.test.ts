import { describe, expect, test } from 'vitest'
import { SESSION_LIMITS, type IngestResult } from '../../../src/sync/index'
import type { Message } from '../../../src/sync/session-messages'
import { idOf, MALFORMED, type Node, openNode } from './session-harness'
import { announce, asking, block, chunks, ending, ids } from './session-scenes'

describe('bounds that the peer must keep', () => {
  const cases: [string, () => Node, string][] = [
    ['a block that was not asked for', () => receiving(openNode(), { type: 'blocks', blocks: [block(1)] }), 'blocks'],
    [
      'a block twice in one message',
      () => receiving(asking(block(1)), { type: 'blocks', blocks: [block(1), block(1)] }),
      'blocks',
    ],
    ['a gone that was not asked for', () => receiving(openNode(), { type: 'gone', ids: ids(1) }), 'gone'],
    ['an id wanted twice', () => receiving(openNode(), { type: 'want', ids: [...ids(1), ...ids(1)] }), 'want'],
    [
      '1,025 ids wanted',
      () => receiving(openNode(), ...chunks(ids(1025), 256).map(ids => ({ type: 'want', ids }) as const)),
      'want',
    ],
    ['4,097 items announced', () => receiving(openNode(), ...chunks(ids(4097), 256).map(announce)), 'announce'],
    [
      'more credit than the largest window',
      () => receiving(openNode(), { type: 'credit', bytes: 67_108_864, items: 0 }),
      'credit',
    ],
    [
      'more items of credit than allowed',
      () => receiving(openNode(), { type: 'credit', bytes: 0, items: 65_536 }),
      'credit',
    ],
    ['a pong without a ping', () => receiving(openNode(), { type: 'pong' }), 'pong'],
    ['a done without an audit', () => receiving(openNode(), { type: 'done' }), 'done'],
    ['a reconciled without an audit', () => receiving(openNode(), { type: 'reconciled' }), 'reconciled'],
    ['a reconciled from the answering side', () => receiving(openNode(true), { type: 'reconciled' }), 'reconciled'],
    ['an audit asked for by the dialling side', () => receiving(openNode(false), { type: 'audit' }), 'audit'],
    [
      'a malformed comparison',
      () => receiving(openNode(), { type: 'reconcile', bytes: Uint8Array.of(0x61, 0) }),
      'reconcile',
    ],
    [
      'an oversized comparison',
      () => receiving(openNode(), { type: 'reconcile', bytes: new Uint8Array(60_001).fill(0x61) }),
      'reconcile',
    ],
    [
      'a malformed answer',
      () => receiving(openNode(true), { type: 'reconcile', bytes: new Uint8Array(0) }),
      'reconcile',
    ],
    [
      'an answer that was not awaited',
      () =>
        receiving(
          openNode(true),
          ...Array.from({ length: 2 }, () => ({ type: 'reconcile', bytes: Uint8Array.of(0x61) }) as const),
        ),
      'reconcile',
    ],
  ]

  function receiving(node: Node, ...messages: Message[]): Node {
    for (const message of messages) node.receive(message)
    return node
  }

  test.each(cases)('%s ends the session', (_, play, field) => {
    expect(ending(play())).toMatchObject({ bye: 'protocol', code: 'protocol', field })
  })

  test('more bytes than the window, before the ingest has taken any', () => {
    const blocks = Array.from({ length: 17 }, (_, n) => block(n, 262_144))
    const node = asking(...blocks)
    for (const batch of chunks(blocks.slice(0, 16), 4)) node.receive({ type: 'blocks', blocks: batch })
    expect(node.closed).toBeUndefined()
    node.receive({ type: 'blocks', blocks: blocks.slice(16) })
    expect(ending(node)).toMatchObject({ code: 'protocol', field: 'blocks', limit: SESSION_LIMITS.window })
  })
})

describe('faults', () => {
  function judged(result: Omit<IngestResult, 'id'>, blocks = [block(1)]): Node {
    const node = asking(...blocks)
    node.judge = () => result
    for (const bytes of blocks) {
      node.receive({ type: 'blocks', blocks: [bytes] })
      node.work()
    }
    return node
  }

  test('one bad signature ends the session', () => {
    const node = judged({ status: 'invalid', code: 'bad-signature' })
    expect(node.progress).toContainEqual({ type: 'fault', id: idOf(block(1)), code: 'bad-signature' })
    expect(ending(node)).toMatchObject({ bye: 'bad-signature', code: 'bad-signature' })
  })

  test('so does one malformed block, noticed at once or by the ingest', () => {
    expect(ending(judged({ status: 'invalid', code: 'unsorted-keys' }))).toMatchObject({ bye: 'bad-signature' })
    const node = asking(block(1))
    node.receive({ type: 'blocks', blocks: [Uint8Array.of(MALFORMED)] })
    expect(ending(node)).toMatchObject({ bye: 'bad-signature', hint: 'block unknown: bad-envelope' })
    expect(node.tasks).toEqual([])
  })

  test('a false sky is a fault, eight are too many', () => {
    const blocks = Array.from({ length: 8 }, (_, n) => block(n))
    const seven = judged({ status: 'invalid', code: 'sky-mismatch' }, blocks.slice(0, 7))
    expect(seven.closed).toBeUndefined()
    expect(seven.status().faults).toBe(7)
    const eight = judged({ status: 'invalid', code: 'sky-mismatch' }, blocks)
    expect(ending(eight)).toMatchObject({ bye: 'sky-mismatch', code: 'sky-mismatch', limit: 8 })
  })

  test('false skies count also from a peer that has declared no kind', () => {
    const blocks = Array.from({ length: 8 }, (_, n) => block(n))
    const kind = { version: 1, kind: 'grant' }
    expect(ending(judged({ status: 'invalid', code: 'sky-mismatch', kind }, blocks))).toMatchObject({
      bye: 'sky-mismatch',
    })
  })

  test('field rules of a kind that the peer never declared are no fault, of a declared one they are', () => {
    const kind = (name: string) => ({ version: 1, kind: name })
    expect(judged({ status: 'invalid', code: 'unknown-field', kind: kind('grant') }).status().faults).toBe(0)
    expect(judged({ status: 'invalid', code: 'too-large', kind: kind('grant') }).status().faults).toBe(0)
    expect(judged({ status: 'invalid', code: 'too-large' }).closed).toBeDefined()
    expect(judged({ status: 'invalid', code: 'unsorted-keys', kind: kind('grant') }).closed).toBeDefined()
    expect(judged({ status: 'invalid', code: 'bad-signature', kind: kind('grant') }).closed).toBeDefined()
    expect(judged({ status: 'invalid', code: 'unknown-field', kind: kind('embedding') }).closed).toBeDefined()
  })

  test.each(['policy', 'unknown-kind', 'limit'] as const)('a refusal for %s costs the peer nothing', code => {
    const node = judged({ status: 'refused', code })
    expect(node.closed).toBeUndefined()
    expect(node.status().faults).toBe(0)
  })
})
