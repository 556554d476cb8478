/** Bodies that were whole from the start, by their answers. */
const bodies = new WeakMap<Response, string | Uint8Array>()

/** An answer whose body is here whole: a server of Node's writes it at once, without reading it back from a stream. */
export function wholeResponse(body: string | Uint8Array<ArrayBuffer>, init: ResponseInit): Response {
  const response = new Response(body, init)
  bodies.set(response, body)
  return response
}

export function jsonResponse(value: unknown, { status = 200, headers = {} }: ResponseInit = {}): Response {
  const named = { ...(headers as Record<string, string>), 'content-type': 'application/json' }
  return wholeResponse(JSON.stringify(value), { status, headers: named })
}

/** The body of an answer, where it is known without reading it. */
export function wholeBodyOf(response: Response): string | Uint8Array | undefined {
  return bodies.get(response)
}
