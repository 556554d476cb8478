import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import path from 'node:path'
import { importsOf, rootImports, rooms } from './rooms.js'

const SRC = path.resolve(import.meta.dirname, '../src')
/** @type {{ exports: Record<string, unknown> }} */
const manifest = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8'))
const names = rooms.map(room => room.name)

/**
 * One import judged: the reason to refuse it, or `undefined`.
 * `file` and `specifier` are as written; the answer depends on nothing but their text and `rooms.js`.
 *
 * @param {string} file absolute path of the importing file
 * @param {string} specifier
 */
export function refusal(file, specifier) {
  const [name = '', ...inside] = path.relative(SRC, file).split(path.sep)
  const from = rooms.find(room => room.name === name)
  const isRoot = inside.length === 0
  if (!isRoot && !from) return `src/${name}/ is not a room: name it in .config/rooms.js`
  if (isBuiltin(specifier)) {
    if (specifier.startsWith('node:') && from?.runtime) return undefined
    return from?.runtime ? `write node:${specifier}` : `only ${runtimeRooms} touch the runtime`
  }
  const allowed = isRoot ? rootImports : importsOf(name)
  const who = isRoot ? 'src/index.ts' : `${name}/`
  if (specifier.startsWith('#')) {
    return name === 'platform' || allowed.includes('platform') ? undefined : `${who} stands above platform/`
  }
  if (!specifier.startsWith('.')) return specifier === 'vitest' ? 'src/ is bound to no test runner' : undefined
  const target = path.relative(SRC, path.resolve(path.dirname(file), specifier)).split(path.sep)
  const [room = '', ...rest] = target
  if (room === name) return name === 'adapters' ? siblingAdapter(inside, rest) : undefined
  if (!names.includes(room)) return `${specifier} leads out of the rooms`
  if (!allowed.includes(room)) return `${who} may not import ${room}/: see docs/architecture.md`
  return entrance(room, rest, name) ? undefined : `enter ${room}/ through its index`
}

const runtimeRooms = rooms
  .filter(room => room.runtime)
  .map(room => `${room.name}/`)
  .join(', ')

/**
 * A room is entered by its index, or through a door that it has for one other room alone, such as `for-adapters`; each
 * adapter and each surface is a way in of its own.
 */
function entrance(/** @type {string} */ room, /** @type {string[]} */ rest, /** @type {string} */ name) {
  if (room === 'adapters') return rest.length === 2
  if (room === 'surfaces') return rest.length === 2 && rest[1] === 'index'
  return rest.length === 1 && (rest[0] === 'index' || rest[0] === `for-${name}`)
}

/**
 * Files of one port folder may share code, but nothing in the room imports another port's folder or a published adapter,
 * except that adapter's own files: `NAME.browser.ts` beside `NAME.ts`, or a folder `NAME/`.
 */
function siblingAdapter(/** @type {string[]} */ inside, /** @type {string[]} */ rest) {
  const published = `./${rest.join('/')}` in manifest.exports
  const own = inside[1]?.split('.')[0] === rest[1]
  return inside[0] === rest[0] && (own || !published) ? undefined : 'adapters never import each other'
}

/** ESLint rule: every static, dynamic and type-only import and re-export obeys the order of rooms. */
export const roomOrder = {
  meta: { type: 'problem', schema: [], messages: { refused: '{{reason}}.' } },
  create(/** @type {import('eslint').Rule.RuleContext} */ context) {
    const check = (/** @type {any} */ node) => {
      const source = node.source?.literal ?? node.source ?? node.argument?.literal
      if (typeof source?.value !== 'string') return
      const reason = refusal(context.filename, source.value)
      if (reason) context.report({ node: source, messageId: 'refused', data: { reason } })
    }
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    }
  },
}
