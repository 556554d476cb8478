import { z } from 'zod'
import { ROUTES, type Route } from './routes'
import { api, problem } from './schemas'

/** Of the API, not of the package. */
export const API_VERSION = '1.0.0'

/** The OpenAPI 3.1 document of the API, made of the schemas that requests are read by. */
export function openApiDocument(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of ROUTES) (paths[route.path] ??= {})[route.method] = operationOf(route)
  const named = z.toJSONSchema(api, { uri: id => `#/components/schemas/${id}`, io: 'input' }).schemas
  const schemas = Object.fromEntries(
    Object.entries(named).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  )
  return {
    openapi: '3.1.0',
    info: { title: 'cosmic-embeddings', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Scopes: read, search, write, admin.' },
      },
    },
  }
}

/** Of every route. */
const COMMON_PROBLEMS = [400, 401, 403, 429, 500]

function operationOf(route: Route): Record<string, unknown> {
  const { summary, scope, body, answer, otherwise, problems = [] } = route
  const failures = [...COMMON_PROBLEMS, ...problems].sort()
  const refusal = { description: 'Problem', content: { 'application/problem+json': { schema: schemaOf(problem) } } }
  return {
    summary,
    operationId: operationIdOf(route),
    ...(scope && { security: [{ token: scope === 'any' ? [] : [scope] }] }),
    parameters: parametersOf(route),
    ...(body && { requestBody: { required: true, content: contentOf(body) } }),
    responses: {
      [answer.status]: answerOf(answer, 'Done'),
      ...(otherwise && { [otherwise.status]: answerOf(otherwise, 'Not done yet') }),
      ...Object.fromEntries(failures.map(status => [status, refusal])),
    },
  }
}

function answerOf({ content }: Route['answer'], description: string): Record<string, unknown> {
  return { description, ...(Object.keys(content).length > 0 && { content: contentOf(content) }) }
}

/** Such as `getBlocksIdRelated`. */
export function operationIdOf({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.split(/[^a-z]+/i).filter(word => word !== '')
  return method + words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}

function parametersOf({ path, query }: Route): unknown[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const properties = query ? ((schemaOf(query) as { properties?: Record<string, object> }).properties ?? {}) : {}
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }))
  return [...inPath, ...inQuery]
}

function contentOf(content: Readonly<Record<string, z.ZodType | undefined>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema]) => [type, schema ? { schema: schemaOf(schema) } : {}]),
  )
}

function schemaOf(schema: z.ZodType): unknown {
  const id = api.get(schema)?.id
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` }
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', metadata: api })
  return rest
}
