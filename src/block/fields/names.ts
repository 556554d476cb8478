import { parseModelId } from '../model-id'
import { LIMITS } from '../limits'
import { integer, refuse, text, withCheck, type Codec } from './codec'

/** Kinds, input types, relations and profiles: `a-z 0-9 . / -`, a letter first. */
export const name: Codec<string> = text(LIMITS.name, /^[a-z][a-z0-9./-]*$/)

/** Model ids, by their grammar. */
export const modelId: Codec<string> = withCheck(text(LIMITS.modelId), (value, path) => {
  const parsed = parseModelId(value)
  if (!parsed.ok) refuse('bad-model-id', path, { hint: 'provider:name[@revision][#dims]' })
})

/** Milliseconds since the Unix epoch, to the year 2100. */
export const time: Codec<number> = integer(0, LIMITS.time)

/** A model id that names its dimensions must name these. */
export function checkNamedDims(id: string, dims: number, path: string): void {
  if (!id.includes('#')) return
  const parsed = parseModelId(id)
  if (parsed.ok && parsed.value.dims !== dims) {
    refuse('bad-model-id', path, { hint: `#${parsed.value.dims} contradicts ${dims} dimensions` })
  }
}
