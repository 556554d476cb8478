import { fields } from '../../base/index'
import type { Instrumentation } from '../../setup/index'

/**
 * One instrumentation of several, the first one nearest to the parts.
 *
 * @example
 * ```ts
 * const node = await createNode(config, { instrumentation: combine(instrument(recorder), traceNode(tracer)) })
 * ```
 */
export function combine(...all: readonly Instrumentation[]): Instrumentation {
  all.forEach((each, i) => fields(each, `all[${i}]`))
  return {
    validator: validator => all.reduce((part, each) => each.validator?.(part) ?? part, validator),
    store: (store, system) => all.reduce((part, each) => each.store?.(part, system) ?? part, store),
    embedder: embedder => all.reduce((part, each) => each.embedder?.(part) ?? part, embedder),
    client: client => all.reduce((part, each) => each.client?.(part) ?? part, client),
    close: () => all.forEach(each => each.close?.()),
  }
}
