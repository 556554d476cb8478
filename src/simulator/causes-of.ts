/** An error and what it comes from, on one line. */
export function causesOf(error: unknown): string {
  const causes: string[] = []
  for (let each = error; each !== undefined && causes.length < 4; each = each instanceof Error ? each.cause : undefined)
    causes.push(told(each))
  return causes.join(', because of ')
}

/** What is thrown may be anything, and refuse to be a text. */
function told(error: unknown): string {
  try {
    return String(error)
  } catch {
    return 'something that is no error'
  }
}
