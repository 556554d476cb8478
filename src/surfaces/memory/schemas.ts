import { z } from 'zod'

const id = z
  .string()
  .regex(/^b[a-z2-7]{58}$/)
  .describe('The id of a memory.')
const tags = z.array(z.string().min(1).max(128)).max(64)
const time = z.string().describe('ISO 8601, as its author claims it.')
const judged = {
  status: z.enum(['valid', 'deferred', 'invalid']),
  admitted: z.boolean(),
  summary: z.string().describe('What was verified, in one sentence.'),
}

export const remember = z.object({
  text: z.string().min(1).max(65_536).describe('The fact to keep, complete in itself.'),
  tags: tags.optional(),
  links: z
    .array(z.strictObject({ relation: z.string().min(1), id }))
    .max(256)
    .optional(),
  supersedes: z.array(id).max(256).optional().describe('Own memories that this one replaces.'),
})
export const remembered = z.object({
  id: z.string(),
  reason: z
    .enum(['deferred', 'not-admitted'])
    .optional()
    .describe('Kept, and not found: it waits, or is not admitted.'),
  until: z.number().optional().describe('When what waits is judged, in milliseconds.'),
  code: z.string().optional().describe('Why it is not admitted.'),
})

export const recall = z.object({
  query: z.string().min(1).max(65_536).describe('What to look for.'),
  k: z.int().min(1).max(100).default(5),
  tags: tags.optional().describe('Only memories with all of these.'),
  author: z
    .string()
    .regex(/^did:key:z[1-9A-HJ-NP-Za-km-z]{1,100}$/)
    .optional()
    .describe('Only memories by this did:key.'),
})
const memory = z.object({
  id,
  author: z.string(),
  own: z.boolean().describe('Whether this agent signed it.'),
  time,
  text: z.string().optional(),
  tags: tags.optional(),
  score: z.number(),
  translatedBy: z.string().optional().describe('The author of the translator between models, if one was needed.'),
  ...judged,
})
export const recalled = z.object({ memories: z.array(memory), loading: z.boolean().optional() })

export const one = z.object({ id })
export const nothing = z.object({})
const check = z.object({ name: z.string(), status: z.string(), detail: z.string() })
export const verified = z.object({ ...judged, author: z.string(), time, checks: z.array(check) })
export const related = z.object({
  links: z.array(z.object({ relation: z.string(), id: z.string() })),
  linkedFrom: z.array(z.object({ id: z.string(), author: z.string() })),
  versions: z.array(z.object({ id: z.string(), state: z.string() })),
})
const peer = z.object({ peer: z.string(), phase: z.string(), received: z.number(), sent: z.number() })
export const peers = z.object({ self: z.string(), addresses: z.array(z.string()), peers: z.array(peer) })
