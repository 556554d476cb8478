import { sha256 } from '#platform'
import { CosmicError, toHex, utf8 } from '../../base/index'
import type { CalledAt } from './asked'
import { HttpProblem } from './problem'

/** Who calls, and what he may do. */
export interface Caller {
  /** For limits of rate: a digest of the token, or `anyone`. */
  readonly name: string
  readonly permits: (scope: Scope) => boolean
}

const ANYONE: Caller = { name: 'anyone', permits: () => true }

/** What a token may do. `admin` may do everything. */
export const SCOPES = ['read', 'search', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export interface HttpToken {
  /** At least 16 characters. */
  readonly token: string
  readonly scopes: readonly Scope[]
}

export interface AccessOptions {
  /** Without any, whoever reaches the handler may do everything: for loopback only. */
  readonly tokens?: readonly HttpToken[]
  /** Web origins whose pages may call; by default none but pages that this host served. `'*'` admits every page. */
  readonly origins?: readonly string[] | '*'
  /** Host names under which this node is called; by default loopback’s. `'*'` takes any name. */
  readonly hosts?: readonly string[] | '*'
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Who may do what. A page that any user opens can reach a server on loopback, under its own name too (DNS rebinding): so the
 * name of the host and the origin count, whether or not there are tokens.
 */
export class Access {
  readonly #digests: ReadonlyMap<string, ReadonlySet<Scope>> | undefined
  readonly #origins: readonly string[] | '*'
  readonly #hosts: readonly string[] | '*'

  constructor({ tokens, origins = [], hosts = LOOPBACK }: AccessOptions) {
    for (const [i, { token, scopes }] of (tokens ?? []).entries()) {
      if (typeof token !== 'string' || token.length < 16) {
        throw new CosmicError({ code: 'out-of-range', field: `tokens[${i}].token`, limit: '16 … characters' })
      }
      const foreign = scopes.find(scope => !SCOPES.includes(scope))
      if (foreign !== undefined)
        throw new CosmicError({ code: 'bad-value', field: `tokens[${i}].scopes`, hint: SCOPES.join(', ') })
    }
    this.#digests = tokens && new Map(tokens.map(({ token, scopes }) => [digestOf(token), new Set(scopes)]))
    this.#origins = origins
    this.#hosts = hosts
  }

  /** Throws when a page may not call, or under this name nobody. */
  checkPlace(request: Request, { host, hostname }: CalledAt): void {
    if (this.#hosts !== '*' && !this.#hosts.includes(hostname)) {
      throw new HttpProblem(403, 'host', `this node is not called ${hostname}`)
    }
    const origin = request.headers.get('origin')
    if (origin === null || this.allows(origin)) return
    if (originHost(origin) !== host) throw new HttpProblem(403, 'origin', 'pages of this origin may not call')
  }

  /** Whether pages of an origin were admitted by name. */
  allows(origin: string): boolean {
    return this.#origins === '*' || this.#origins.includes(origin)
  }

  /** Throws without a token that has the scope; any token will do for `any`. Answers who is there. */
  checkToken(request: Request, scope: Scope | 'any' | undefined): Caller {
    if (!this.#digests || scope === undefined) return ANYONE
    const given = /^Bearer ([\x21-\x7e]{1,1024})$/i.exec(request.headers.get('authorization') ?? '')?.[1]
    const challenge = { 'www-authenticate': 'Bearer' }
    if (given === undefined) throw new HttpProblem(401, 'token', 'a bearer token is needed', challenge)
    // Equal digests tell nothing of how much of a guess was right.
    const digest = digestOf(given)
    const scopes = this.#digests.get(digest)
    if (!scopes) throw new HttpProblem(401, 'token', 'this token is not known', challenge)
    const permits = (each: Scope) => scopes.has(each) || scopes.has('admin')
    if (scope !== 'any' && !permits(scope)) throw new HttpProblem(403, 'scope', `this needs the scope ${scope}`)
    return { name: digest, permits }
  }
}

function originHost(origin: string): string | undefined {
  try {
    return new URL(origin).host
  } catch {
    return undefined
  }
}

function digestOf(token: string): string {
  return toHex(sha256(utf8(token)))
}
