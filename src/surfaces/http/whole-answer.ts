/** What a route answers: a `Response`, or what is whole from the start and no `Response` yet. */
export type Answer = Response | WholeAnswer

type Headers = Readonly<Record<string, string>>

/** Headers by their lower-case names, as a server of Node’s writes them. */
class AnswerHeaders {
  readonly values: Record<string, string>

  constructor(values: Record<string, string>) {
    this.values = values
  }

  set(name: string, value: string): void {
    this.values[name] = value
  }

  append(name: string, value: string): void {
    const known = this.values[name]
    this.values[name] = known === undefined ? value : `${known}, ${value}`
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

  /** The headers are the answer's own from now on. */
  constructor(body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>, status = 200) {
    this.body = body
    this.headers = new AnswerHeaders(headers)
    this.status = status
  }
}

export function responseOf(answer: Answer): Response {
  if (!(answer instanceof WholeAnswer)) return answer
  const { body, status, headers } = answer
  return new Response(body, { status, headers: headers.values })
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
