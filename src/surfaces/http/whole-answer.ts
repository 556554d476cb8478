/** What a route answers: a `Response`, or what is whole from the start and no `Response` yet. */
export type Answer = Response | WholeAnswer

type Headers = Readonly<Record<string, string>>

/** Headers by their lower-case names, one after the other: an object that takes names as they come costs more than the rest of an answer. */
class AnswerHeaders {
  /** Names and values in turns, as a server of Node’s writes them. */
  readonly flat: string[] = []

  constructor(values: Headers) {
    for (const name in values) this.flat.push(name, values[name]!)
  }

  set(name: string, value: string): void {
    const at = this.#placeOf(name)
    if (at < 0) this.flat.push(name, value)
    else this.flat[at + 1] = value
  }

  append(name: string, value: string): void {
    const at = this.#placeOf(name)
    if (at < 0) this.flat.push(name, value)
    else this.flat[at + 1] += `, ${value}`
  }

  entries(): [string, string][] {
    return Array.from({ length: this.flat.length / 2 }, (_, i) => [this.flat[2 * i]!, this.flat[2 * i + 1]!])
  }

  #placeOf(name: string): number {
    for (let at = 0; at < this.flat.length; at += 2) if (this.flat[at] === name) return at
    return -1
  }
}

/**
 * An answer whose body is here whole. A server of Node’s writes it at once; a `Response`, whose making and reading back cost as much
 * as finding a block, is only made of it where one is asked for.
 */
export class WholeAnswer {
  readonly status: number
  readonly headers: AnswerHeaders
  readonly body: string | Uint8Array<ArrayBuffer>

  constructor(body: string | Uint8Array<ArrayBuffer>, headers: Headers, status = 200) {
    this.body = body
    this.headers = new AnswerHeaders(headers)
    this.status = status
  }
}

export function responseOf(answer: Answer): Response {
  if (!(answer instanceof WholeAnswer)) return answer
  const { body, status, headers } = answer
  return new Response(body, { status, headers: headers.entries() })
}

/** JSON, made here or written already. */
export function jsonAnswer(value: unknown, options: { status?: number; headers?: Headers } = {}): WholeAnswer {
  return textAnswer(JSON.stringify(value), options)
}

export function textAnswer(
  json: string,
  { status = 200, headers = {} }: { status?: number; headers?: Headers } = {},
): WholeAnswer {
  return new WholeAnswer(json, { ...headers, 'content-type': 'application/json' }, status)
}
