import { configJsonSchema } from './config-schema'

/** One setting that a variable or a flag can give: a leaf of the schema. */
export interface Setting {
  /** Such as `storage.path`. */
  readonly path: string
  /** Such as `COSMIC_STORAGE_PATH`. */
  readonly variable: string
  readonly description: string
  /** Takes a text as it is; everything else is read as JSON. */
  readonly isText: boolean
  /** Takes an object: then a text that looks like one is read as JSON too. */
  readonly isObject: boolean
  /** Never shown. */
  readonly isSecret: boolean
}

interface Node {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly description?: string
  readonly secret?: boolean
}

let all: readonly Setting[] | undefined

/** All of them, in the order of the schema. */
export function settings(): readonly Setting[] {
  return (all ??= leaves(configJsonSchema(), '', false))
}

function leaves(node: Node, path: string, isSecret: boolean): Setting[] {
  if (node.properties) {
    return Object.entries(node.properties).flatMap(([name, child]) =>
      leaves(child, path === '' ? name : `${path}.${name}`, isSecret || node.secret === true),
    )
  }
  return [
    {
      path,
      variable: variableOf(path),
      description: node.description ?? '',
      isText: (node.anyOf ?? [node]).some(({ type }) => type === 'string'),
      isObject: (node.anyOf ?? [node]).some(({ type }) => type === 'object'),
      isSecret: isSecret || node.secret === true,
    },
  ]
}

export const PREFIX = 'COSMIC_'

function variableOf(path: string): string {
  return (
    PREFIX +
    path
      .replace(/[.]/g, '_')
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase()
  )
}

/**
 * The value that a text stands for: as it is where a text is wanted, and no object that it looks like, else as JSON. `undefined`
 * when it is neither.
 */
export function valueOf({ isText, isObject }: Setting, given: string): unknown {
  if (isText && !(isObject && /^\s*\{/.test(given))) return given
  try {
    return JSON.parse(given)
  } catch {
    return undefined
  }
}
