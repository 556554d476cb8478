import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PeerInstance } from '#simple-peer'
import { PeerPipe } from '../../../src/adapters/transport/webrtc/peer-pipe'
import { watchPath } from '../../../src/adapters/transport/webrtc/watch-path'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A peer whose channel reports nothing by itself, as one does while packets are lost. */
class SilentPeer {
  destroyed = false
  bufferSize = 0
  readonly said: unknown[] = []
  _pc = { iceConnectionState: 'connected' }
  readonly #closing: (() => void)[] = []

  send(message: unknown): void {
    this.said.push(message)
  }

  on(event: string, listener: () => void): this {
    if (event === 'close') this.#closing.push(listener)
    return this
  }

  destroy(): void {
    this.destroyed = true
    for (const listener of this.#closing.splice(0)) listener()
  }
}

function silent() {
  const peer = new SilentPeer()
  const pipe = new PeerPipe(peer as unknown as PeerInstance)
  const end = { came: false }
  const close = (failure?: Parameters<PeerPipe['close']>[0]) => pipe.close(failure).then(() => (end.came = true))
  return { peer, pipe, end, close }
}

describe('an end', () => {
  test('waits for its confirmation, however empty the buffer is, and closes the channel then', async () => {
    const { peer, pipe, end, close } = silent()
    void close()
    expect(peer.said).toEqual(['end'])
    await vi.advanceTimersByTimeAsync(10_000)
    expect([peer.destroyed, end.came]).toEqual([false, false])
    pipe.confirmEnd()
    await vi.advanceTimersByTimeAsync(0)
    expect([peer.destroyed, end.came]).toEqual([true, true])
    expect([peer.said, vi.getTimerCount()]).toEqual([['end'], 0])
  })

  test('that nobody confirms is given up, sooner when the other side broke the rules', async () => {
    for (const [failure, words, patience] of [
      [undefined, 'end', 15_000],
      [{ code: 'protocol' }, 'end protocol', 2_000],
      [{ code: 'limit' }, 'end limit', 2_000],
    ] as const) {
      const { peer, end, close } = silent()
      void close(failure)
      expect(peer.said).toEqual([words])
      await vi.advanceTimersByTimeAsync(patience - 1)
      expect(end.came).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect([peer.destroyed, end.came]).toEqual([true, true])
    }
  })

  test('of the other side is confirmed once, and the channel left open for the confirmation to arrive', async () => {
    const { peer, pipe, end, close } = silent()
    pipe.confirmEnd()
    void close()
    await vi.advanceTimersByTimeAsync(10_000)
    expect([peer.said, peer.destroyed, end.came]).toEqual([['end'], false, false])
    peer.destroy()
    await vi.advanceTimersByTimeAsync(0)
    expect([end.came, vi.getTimerCount()]).toEqual([true, 0])
  })

  test.each([true, false])(
    'of an agent that closes waits only while something leaves, said before that: %s',
    async early => {
      const { peer, pipe, end, close } = silent()
      peer.bufferSize = 3_000
      if (early) void close()
      pipe.hurry()
      if (!early) void close()
      for (let left = 2_000; left >= 0; left -= 1_000) {
        await vi.advanceTimersByTimeAsync(1_999)
        peer.bufferSize = left
        await vi.advanceTimersByTimeAsync(1)
      }
      await vi.advanceTimersByTimeAsync(1_999)
      expect(end.came).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect([peer.destroyed, end.came, vi.getTimerCount()]).toEqual([true, true, 0])
    },
  )

  test('of the other side holds nothing for ever', async () => {
    const { peer, pipe } = silent()
    pipe.confirmEnd()
    await vi.advanceTimersByTimeAsync(15_000)
    expect([peer.destroyed, vi.getTimerCount()]).toEqual([true, 0])
  })
})

test('a path counts as lost when it stays down, not when it comes back', async () => {
  const peer = new SilentPeer()
  const lost = vi.fn()
  const unwatch = watchPath(peer as unknown as PeerInstance, lost)
  for (let i = 0; i < 5; i++) {
    peer._pc.iceConnectionState = 'disconnected'
    await vi.advanceTimersByTimeAsync(2_000)
    peer._pc.iceConnectionState = 'connected'
    await vi.advanceTimersByTimeAsync(500)
  }
  expect(lost).not.toHaveBeenCalled()
  peer._pc.iceConnectionState = 'disconnected'
  await vi.advanceTimersByTimeAsync(2_500)
  expect(lost).toHaveBeenCalled()
  unwatch()
  expect(vi.getTimerCount()).toBe(0)
})
