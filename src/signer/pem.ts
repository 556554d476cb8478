import { base64 } from '@scure/base'

/** Bytes as RFC 7468 text, in lines of 64 characters. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines = base64.encode(bytes).match(/.{1,64}/g)!
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** The bytes of RFC 7468 text that holds this one document, or `undefined`. */
export function fromPem(label: string, text: string): Uint8Array | undefined {
  const [head, foot] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  const trimmed = text.trim()
  if (!trimmed.startsWith(head) || !trimmed.endsWith(foot)) return undefined
  try {
    return base64.decode(trimmed.slice(head.length, -foot.length).replace(/[ \t\r\n]/g, ''))
  } catch {
    return undefined
  }
}
