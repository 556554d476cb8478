import { CosmicError } from '../../../base/index'

/** SQLSTATE classes and codes (PostgreSQL manual, appendix A) that are told apart. */
const CANCELED = '57014'
const HINTS: readonly (readonly [prefix: string, hint: string])[] = [
  [CANCELED, 'the statement took longer than the statement timeout'],
  ['28', 'the server refused the credentials'],
  ['3D000', 'there is no such database'],
  ['42501', 'the role lacks a privilege that the store needs'],
  ['53100', 'the disk of the server is full'],
  ['53', 'the server is short of resources'],
  ['57P', 'the server is shutting down or starting up; the next call connects anew'],
  ['25006', 'the server is read-only: connect to the primary'],
  ['08', 'the connection was lost; the next call connects anew'],
]
const LOST = 'the server cannot be reached or the connection was lost; the next call connects anew'

/** The SQLSTATE of an error of the server, or the code of one of the system. */
export function stateOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined
  return typeof code === 'string' ? code : undefined
}

const isSqlState = (code: string | undefined): code is string => code !== undefined && /^[0-9A-Z]{5}$/.test(code)

/** Whether the server undid the transaction because of others that ran beside it: it may be tried again. */
export const isTransient = (error: unknown): boolean => ['40001', '40P01'].includes(stateOf(error) ?? '')

/** Whether the server stopped the statement, because it was told to or because it took too long. */
export const isCanceled = (error: unknown): boolean => stateOf(error) === CANCELED

/** Whether nothing more can be asked over this connection. */
export function isLost(error: unknown): boolean {
  const code = stateOf(error)
  return !isSqlState(code) || code.startsWith('08') || code.startsWith('57P')
}

/**
 * A failure of driver or server as `storage`. Its text is made of the server's code and message; connection strings,
 * passwords and the values of parameters, which other fields of the original may hold, stay out, so it is no cause.
 */
export function storageError(error: unknown): CosmicError {
  if (error instanceof CosmicError) return error
  const state = stateOf(error)
  const hint = isSqlState(state) ? HINTS.find(([prefix]) => state.startsWith(prefix))?.[1] : LOST
  const said = isSqlState(state) && error instanceof Error ? `${error.message} (SQLSTATE ${state})` : undefined
  const message = ['storage', said ?? state, hint].filter(part => part !== undefined).join(': ')
  return new CosmicError({
    code: 'storage',
    field: 'postgres',
    message,
    ...(isSqlState(state) && { limit: state }),
    ...(hint !== undefined && { hint }),
  })
}
