import { createBlock } from '../../block/index'
import type { SigningIdentity } from '../../signer/index'
import { SESSION_LIMITS } from '../../sync/index'
import type { Connection } from '../../wire/index'
import { Life } from '../life'
import type { SeededRandom } from '../seeded-random'
import type { World } from '../world'
import { type Attack, type AttackName, ATTACKS } from './attack'
import { HostileSession, signBlock, type Visit } from './hostile-session'

/** Between two visits, and the longest one unless an honest node would bear it for longer, in milliseconds. */
const PAUSE_MS = 7_000
const VISIT_MS = 200_000
/** For so long a node may bear what it has to answer at once, over the slowest line, in milliseconds. */
const BEAR_MS = 45_000
/** After so many visits it has shown what it can do, unless the attack says otherwise. */
const MOST_VISITS = 5

interface Begun {
  readonly life: Life
  readonly awake: number
}

/** A machine that carries out one attack on each of its targets, as somebody new each time. */
export class HostilePeer {
  /** Codes with which honest nodes have ended sessions with it. */
  readonly judgements = new Set<string>()
  /** Visits that came as far as a secure channel. */
  sessions = 0
  /** The longest that a process has borne a visit over a secure channel, in milliseconds that its machine was awake. */
  longest = 0
  /** Of the visits under way that had a secure channel: with which process, and when, as its `awake` counts. */
  readonly #begun = new Set<Begun>()
  readonly #random: SeededRandom
  readonly #life: Life
  readonly #attack: Attack
  #stopped = false

  constructor(
    readonly world: World,
    readonly name: string,
    readonly attackName: AttackName,
  ) {
    this.#random = world.random.fork(`hostile/${name}`)
    this.#attack = ATTACKS[attackName]
    this.#life = new Life(world.scheduler, world.network.host(name), 1)
  }

  get punished(): readonly string[] {
    return this.#attack.punished
  }

  /** For how long an honest node may bear a visit without ending it; what asks for patience may take all that its periods allow. */
  get patience(): number {
    const { greeting, stall, heartbeat } = this.world.timing
    const waits = Math.max(greeting, SESSION_LIMITS.stalls * stall, SESSION_LIMITS.heartbeatsMissed * heartbeat)
    return BEAR_MS + (this.punished.includes('timeout') ? waits : 0)
  }

  /** Begins, and goes on until `stop`. */
  start(targets: readonly string[]): void {
    for (const target of targets) void this.#haunt(target)
  }

  stop(): void {
    for (const begun of this.#begun) this.#note(begun)
    this.#stopped = true
    this.#life.end()
    this.world.network.crash(this.#life.host, false)
  }

  async #haunt(target: string): Promise<void> {
    for (let visits = 0; !this.#stopped && visits < (this.#attack.visits ?? MOST_VISITS); visits++) {
      const random = this.#random.fork(`${target}/${visits}`)
      try {
        await this.#visit(target, visits, random)
      } catch (error) {
        this.world.record('hostile', { node: this.name, target, error: String(error) })
      }
      await this.#sleep(PAUSE_MS + random.below(PAUSE_MS))
    }
  }

  async #visit(target: string, visits: number, random: SeededRandom): Promise<void> {
    const { world } = this
    const signer = await this.#identity(this.#random.fork(`identity/${visits}`))
    const dial = () => world.network.transport(this.#life.host).dial(`sim://${target}`)
    const connections: Connection[] = [await dial()]
    const [connection] = connections as [Connection]
    const base: Omit<Visit, 'secure' | 'secureAs' | 'secureAsAnother'> = {
      ...{ world, random, signer, connection, life: this.#life },
      forbid: (...ids) => ids.forEach(id => world.forbidden.add(id)),
      wait: ms => Promise.race([this.#sleep(ms), connection.closed.then(() => {})]),
      sign: fields => signBlock(world, signer, world.time(), fields),
      signRetraction: block => createBlock({ retraction: { block }, time: world.time() }, signer),
      honest: () => ([...world.nodes.values()].find(({ name }) => name !== target) ?? world.nodes.get(target)!).signer,
      dial: async () => {
        const another = await dial()
        connections.push(another)
        return another
      },
    }
    let begun: Begun | undefined
    const open = async (parts: typeof base) => {
      const session = await HostileSession.open(parts)
      this.sessions++
      const life = world.nodes.get(target)?.life
      if (life) this.#begun.add((begun ??= { life, awake: life.awake }))
      return session
    }
    const secure = (over = connection) => open({ ...base, connection: over })
    const secureAs = async (as: SigningIdentity) => open({ ...base, signer: as, connection: await base.dial() })
    const secureAsAnother = async () => {
      const someone = random.fork(`another/${connections.length}`)
      return open({ ...base, random: someone, signer: await this.#identity(someone), connection: await base.dial() })
    }
    world.record('attack', { node: this.name, attack: this.attackName, target })
    try {
      await Promise.race([
        this.#attack.run({ ...base, secure, secureAs, secureAsAnother }),
        this.#sleep(Math.max(VISIT_MS, this.patience)),
      ])
    } finally {
      if (begun) this.#note(begun)
      for (const each of connections) await each.close()
    }
  }

  /** A visit ends now. One that its process did not outlive was borne by nobody. */
  #note(begun: Begun): void {
    const { life, awake } = begun
    if (!this.#stopped && life.alive) this.longest = Math.max(this.longest, life.awake - awake)
    this.#begun.delete(begun)
  }

  async #identity(random: SeededRandom): Promise<SigningIdentity> {
    const signer = await this.world.crypto.signer(random.bytes(32))
    this.world.hostiles.set(signer.did, this)
    return signer
  }

  #sleep(ms: number): Promise<void> {
    return this.world.scheduler.sleep(ms)
  }
}
