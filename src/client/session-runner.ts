import type { Failure } from '../base/index'
import { createSession, INTERESTS, RESUME, SETTLED, sessionStatus, step } from '../sync/index'
import type {
  OfferedItem,
  SessionEffect,
  SessionEvent,
  SessionOptions,
  SessionProgress,
  SessionState,
  SessionStatus,
  TimerName,
} from '../sync/index'
import type { SecureChannel } from '../wire/index'
import { MessageReader } from './message-reader'
import { Outbox, OUTBOX_LIMITS } from './outbox'
import type { Asker } from './requests'
import { answerOf, type AskingEffect, type SessionHost } from './session-answers'
import { type SessionFigures, SessionMeter } from './session-meter'
import type { SessionPorts, SessionStep } from './session-ports'
import type { Sharer } from './reconcile-budget'

export type { SessionHost, SessionPorts, SessionStep }

/** How long the last messages of a session may take to leave. */
const FLUSH_MS = 1_000

/**
 * Performs the effects of one session machine over one secure channel.
 *
 * 1. Events are stepped one at a time; messages in the order of their arrival, and only while the outbox takes answers.
 * 2. Messages leave in the order of their effects; `close` waits for them.
 * 3. After the end no timer runs and no effect is performed.
 * 4. What the peer makes this node hold is bounded, whatever it sends and however little it reads: `READING_LIMITS`,
 *    `OUTBOX_LIMITS`, and what one step may add to either.
 */
export class SessionRunner {
  /** did:key of the other side, proven by the secure channel. */
  readonly peer: string
  /** Resolves when the session has ended: `undefined` for an orderly end. */
  readonly closed: Promise<Failure | undefined>
  readonly #channel: SecureChannel
  readonly #options: SessionOptions
  readonly #host: SessionHost
  readonly #ports: SessionPorts
  readonly #onProgress: (progress: SessionProgress) => void
  readonly #timers = new Map<TimerName, () => void>()
  readonly #events: SessionEvent[] = []
  #state: SessionState
  #stepping = false
  #ended = false
  readonly #meter: SessionMeter
  readonly #outbox: Outbox
  readonly #reader: MessageReader
  readonly #sharer: Sharer
  readonly #asker: Asker = { heard: -Infinity }
  #heldLoad: (AskingEffect & { type: 'load' }) | undefined
  #resolveClosed!: (failure: Failure | undefined) => void

  constructor(
    channel: SecureChannel,
    options: SessionOptions,
    host: SessionHost,
    ports: SessionPorts,
    onProgress: (progress: SessionProgress) => void = () => {},
  ) {
    this.peer = channel.remote
    this.#channel = channel
    const { logs, interests } = host
    const { budget } = ports
    this.#sharer = { initiator: options.initiator, onTurn: () => this.#dispatch({ type: 'turn' }) }
    const more = [SETTLED, ...(logs ? [RESUME] : []), ...(interests ? [INTERESTS] : [])]
    const offered = [...(options.extensions ?? []), ...more]
    this.#options = {
      ...options,
      ...(interests && { collections: interests }),
      extensions: ports.extensions ?? offered,
      isComing: id => host.requests?.isTaken(id, this.#asker) ?? false,
      ...(budget && { mayReconcile: () => budget.allows(this.#sharer) }),
    }
    this.#host = host
    this.#ports = ports
    this.#onProgress = onProgress
    this.#state = createSession()
    this.#meter = new SessionMeter(ports.clock)
    this.#outbox = new Outbox(channel, ports.timers, {
      left: () => this.#goOn(),
      stall: () => this.#dispatch({ type: 'close', failure: UNREAD }),
    })
    this.#reader = new MessageReader(channel, ports.timers, {
      isReady: () => this.#outbox.takesAnswers,
      onMessage: bytes => this.#dispatch({ type: 'message', bytes }),
      onGone: failure => this.#dispatch({ type: 'disconnected', ...(failure && { failure }) }),
    })
    this.closed = new Promise(resolve => (this.#resolveClosed = resolve))
  }

  /** Starts the session: call once. */
  start(): void {
    const resume = this.#host.logs?.recall(this.peer)
    this.#dispatch({ type: 'open', seed: this.#ports.random.bytes(32), ...(resume && { resume }) })
    this.#reader.start()
  }

  status(): SessionStatus {
    return sessionStatus(this.#state)
  }

  /** How fast it is, and since when it is not. */
  figures(): SessionFigures {
    return this.#meter.figures(this.#state)
  }

  /** Tells the peer's session of blocks that joined the reconciled set. */
  inserted(items: readonly OfferedItem[]): void {
    this.#dispatch({ type: 'inserted', items })
  }

  /** Tells the peer that this agent's floor rose. */
  raised(): void {
    this.#dispatch({ type: 'floor' })
  }

  /** Tells the peer that this agent wants something else now. */
  interestsChanged(): void {
    this.#dispatch({ type: 'interests' })
  }

  /** Asks the peer for a sign of life: it may have lost this connection. */
  probe(): void {
    this.#dispatch({ type: 'probe' })
  }

  /** Starts a full reconciliation now. */
  audit(): void {
    this.#dispatch({ type: 'audit' })
  }

  async close(failure?: Failure): Promise<void> {
    this.#dispatch({ type: 'close', ...(failure && { failure }) })
    await this.closed
  }

  /** The outbox has more room. */
  #goOn(): void {
    if (this.#ended) return
    if (this.#heldLoad) this.#load(this.#heldLoad)
    this.#reader.goOn()
  }

  #dispatch(event: SessionEvent): void {
    if (this.#ended) return
    this.#events.push(event)
    if (this.#stepping) return
    this.#stepping = true
    try {
      for (let next = this.#events.shift(); next && !this.#ended; next = this.#events.shift()) this.#step(next)
    } catch (error) {
      // A machine that failed midway does not go on, and nobody may wait for it. Thrown on, it could end the process.
      this.#end({ ...failureOf(error), field: 'session', hint: 'the session itself failed: a fault of this library' })
    } finally {
      this.#stepping = false
    }
  }

  #step(event: SessionEvent): void {
    const { initiator, set } = this.#options
    const { binding } = this.#channel
    const { budget, clock } = this.#ports
    const { reconciled } = this.#state
    const start = clock.now()
    const { state, effects } = step(this.#options, this.#state, event)
    if (state.reconciled > reconciled) budget?.charge(this.#sharer, clock.now() - start)
    this.#state = state
    this.#meter.note(state)
    const { bytes: unsent } = this.#outbox
    const { bytes: unread } = this.#reader
    this.#ports.observe?.({ peer: this.peer, initiator, binding, unsent, unread, set, event, state, effects })
    for (const effect of effects) this.#perform(effect)
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#outbox.push(effect.bytes)
      case 'load':
        return this.#load(effect)
      case 'asked':
        return this.#host.requests?.asked(effect.ids, this.#asker)
      case 'ingest':
        return this.#ingest(effect)
      case 'replay':
      case 'position':
      case 'collect':
      case 'choose':
        return this.#answer(effect)
      case 'keep':
        return this.#host.interests?.keep(this, effect.collections)
      case 'timer':
        return this.#setTimer(effect.name, effect.ms)
      case 'cancel-timer':
        return this.#cancelTimer(effect.name)
      case 'remember':
        return this.#host.logs!.remember(this.peer, effect.cursor)
      case 'progress':
        if (effect.progress.type === 'synced') this.#host.logs?.audited(this.peer)
        if (effect.progress.type === 'gone') this.#host.requests?.settled(effect.progress.ids, this.#asker, () => false)
        return this.#onProgress(effect.progress)
      case 'close':
        return this.#end(effect.failure)
    }
  }

  #load(load: AskingEffect & { type: 'load' }): void {
    this.#heldLoad = this.#outbox.takesBlocks ? undefined : load
    if (!this.#heldLoad) this.#answer(load)
  }

  #ingest(effect: AskingEffect & { type: 'ingest' }): void {
    const answer = answerOf(effect, this.#host, this.peer, this)
    const ids = effect.blocks.map(({ id }) => id)
    this.#host.requests?.coming(ids, this.#asker, answer)
    this.#answer(effect, answer)
  }

  /** What this node cannot do for a session ends it. */
  #answer(effect: AskingEffect, answer = answerOf(effect, this.#host, this.peer, this)): void {
    answer.then(
      event => this.#dispatch(event),
      (error: unknown) => this.#dispatch({ type: 'close', failure: failureOf(error) }),
    )
  }

  #setTimer(name: TimerName, ms: number): void {
    this.#cancelTimer(name)
    this.#timers.set(
      name,
      this.#ports.timers.set(() => {
        this.#timers.delete(name)
        // While this side does not read, the peer's silence is no sign of anything.
        if (name === 'heartbeat' && !this.#outbox.takesAnswers) this.#setTimer(name, ms)
        else this.#dispatch({ type: 'timer', name })
      }, ms),
    )
  }

  #cancelTimer(name: TimerName): void {
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }

  #end(failure: Failure | undefined): void {
    this.#ended = true
    this.#ports.budget?.leave(this.#sharer)
    this.#host.logs?.left(this.peer)
    this.#host.requests?.left(this.#asker)
    this.#host.interests?.keep(this, [])
    this.#events.length = 0
    this.#reader.stop()
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    void this.#outbox
      .flushed(FLUSH_MS)
      .then(() => this.#channel.close())
      .then(() => this.#resolveClosed(failure))
  }
}

/** The peer takes nothing of what it asks for. */
const UNREAD: Failure = {
  code: 'limit',
  field: 'unsent',
  limit: OUTBOX_LIMITS.loads,
  hint: 'the peer does not read',
}

/** This node's own trouble ends a session without showing the peer what went wrong inside. */
function failureOf(error: unknown): Failure {
  return { code: 'storage', message: error instanceof Error ? error.message : String(error) }
}
