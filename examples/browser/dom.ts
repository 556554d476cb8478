import { plain } from './plain-text'

/** An element of the page by its id. Throws when `index.html` has none. */
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id)
  if (!found) throw new Error(`index.html has no #${id}`)
  return found as T
}

/** A new element. Strings become plain text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  if (className) made.className = className
  made.append(...children.map(child => (typeof child === 'string' ? plain(child) : child)))
  return made
}

/** A did:key in short, with the whole of it on demand. */
export function name(did: string, shown: string): HTMLElement {
  const code = element('code', '', shown)
  code.title = did
  return code
}

/** Facts as a description list. */
export function facts(entries: Readonly<Record<string, string | number>>): HTMLElement {
  const pairs = Object.entries(entries).map(([term, value]) =>
    element('div', '', element('dt', '', term), element('dd', '', String(value))),
  )
  return element('dl', 'facts', ...pairs)
}

/** Runs `render` a moment after the first of several calls, also in hidden tabs. */
export function soon(render: () => void): () => void {
  let waiting = false
  return () => {
    if (waiting) return
    waiting = true
    setTimeout(() => {
      waiting = false
      render()
    }, 50)
  }
}
