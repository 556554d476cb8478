import { expect, test } from 'vitest'
import type { Intake } from '../../../src/client/intake'
import { INTAKE_LIMITS, PeerIntake } from '../../../src/client/peer-intake'
import type { Verdict } from '../../../src/validate/index'

interface Call {
  readonly peer: string
  readonly inputs: readonly Uint8Array[]
  /** Ends it: every input is a block whose id is its first byte. */
  finish(added?: (id: string) => boolean): void
  fail(error: Error): void
}

/** A funnel whose calls end when the test says so. */
function held() {
  const calls: Call[] = []
  const take: Intake['take'] = (inputs, peer, { onAdded } = {}) =>
    new Promise<Verdict[]>((resolve, reject) => {
      const ids = inputs.map(input => String((input as Uint8Array)[0]))
      calls.push({
        peer,
        inputs: inputs as readonly Uint8Array[],
        finish(added = () => true) {
          for (const id of new Set(ids)) if (added(id)) onAdded?.(id)
          resolve(ids.map(id => ({ status: 'valid', block: { id } }) as unknown as Verdict))
        },
        fail: reject,
      })
    })
  return { calls, incoming: new PeerIntake({ take }) }
}

const batch = (...bytes: number[]) => bytes.map(byte => ({ id: String(byte), bytes: Uint8Array.of(byte) }))
const settled = () => new Promise(resolve => setTimeout(resolve, 0))

const many = (byte: number) => batch(...Array.from({ length: INTAKE_LIMITS.more }, () => byte))
const firstBytes = ({ inputs }: Call) => [...new Set(inputs.map(([byte]) => byte))]

test('what comes while a peer’s calls are under way goes in together, in its order', async () => {
  const { calls, incoming } = held()
  const taken = [batch(1, 11), many(2), batch(3, 13), batch(4, 14)].map(blocks => incoming.take(blocks, 'a'))
  expect(calls.map(firstBytes)).toEqual([[1, 11], [2]])
  calls[0]!.finish()
  await settled()
  expect(calls.length).toBe(2)
  calls[1]!.finish()
  await settled()
  expect(firstBytes(calls[2]!)).toEqual([3, 13, 4, 14])
  calls[2]!.finish(id => id !== '13')
  const added = (await Promise.all(taken)).map(list => list.map(({ added }) => added))
  expect([added[0], added[2], added[3]]).toEqual([
    [true, true],
    [true, false],
    [true, true],
  ])
})

test('one more call begins with many blocks, or with many bytes', () => {
  const { calls, incoming } = held()
  void incoming.take(batch(1), 'a')
  void incoming.take(many(2).slice(1), 'a')
  expect(calls.map(firstBytes)).toEqual([[1]])
  void incoming.take(batch(3), 'a')
  expect(calls.map(firstBytes)).toEqual([[1], [2, 3]])
  void incoming.take(batch(1), 'b')
  void incoming.take([{ id: '4', bytes: new Uint8Array(INTAKE_LIMITS.bytes) }], 'b')
  expect(calls.length).toBe(4)
})

test('a group has no more blocks and bytes than its bounds, but one batch at least', async () => {
  const { calls, incoming } = held()
  const { blocks, bytes } = INTAKE_LIMITS
  const most = batch(...Array.from({ length: blocks - 1 }, () => 1))
  const large = [{ id: '0', bytes: new Uint8Array(bytes) }]
  for (const inputs of [batch(1), batch(2), most, batch(3), batch(4), large, batch(5)]) void incoming.take(inputs, 'a')
  for (let done = 0; done < calls.length; done++) {
    calls[done]!.finish()
    await settled()
  }
  expect(calls.map(({ inputs }) => inputs.length)).toEqual([1, blocks, 3, 1])
})

test('a busy peer holds no other one up, and takes more calls only where none else waits', async () => {
  const { calls, incoming } = held()
  for (let i = 0; i < 9; i++) void incoming.take(many(1), 'busy')
  void incoming.take(batch(2), 'other')
  const { all, perPeer } = INTAKE_LIMITS
  expect(calls.map(({ peer }) => peer)).toEqual([...Array.from({ length: perPeer }, () => 'busy'), 'other'])
  for (let i = 0; i < all; i++) void incoming.take(batch(3), `peer ${i}`)
  expect(calls.length).toBe(all)
  calls[perPeer]!.finish()
  await settled()
  expect(calls.at(-1)!.peer).toBe(`peer ${all - perPeer - 1}`)
})

test('a failed call fails those alone whose blocks were in it; a block twice is added once', async () => {
  const { calls, incoming } = held()
  const failing = incoming.take(batch(1), 'a')
  const good = incoming.take(batch(2, 2), 'b')
  calls[0]!.fail(new Error('disk'))
  calls[1]!.finish()
  await expect(failing).rejects.toThrow('disk')
  expect((await good).map(({ added }) => added)).toEqual([true, false])
  void incoming.take(batch(3), 'a')
  expect(calls.at(-1)!.inputs[0]).toEqual(Uint8Array.of(3))
})
