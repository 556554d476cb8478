import { CosmicError } from 'cosmic-embeddings'
import { byId, element } from './dom'

const MAX_ERRORS = 4
const MAX_EVENTS = 50

/** Shows an error until it is dismissed: its typed code, what it says, and what would mend it. */
export function showError(error: unknown): void {
  const { code, message, hint } = partsOf(error)
  const close = element('button', 'quiet', 'Dismiss')
  const shown = element('div', 'error', element('p', '', element('strong', '', code), ` ${message}`), close)
  if (hint !== undefined && !message.includes(hint)) shown.firstElementChild!.after(element('p', 'note', hint))
  close.addEventListener('click', () => shown.remove())
  byId('errors').prepend(shown)
  while (byId('errors').children.length > MAX_ERRORS) byId('errors').lastElementChild!.remove()
}

/** Adds a line to the log, newest first. */
export function log(className: '' | 'problem', ...children: (Node | string)[]): void {
  const time = element('time', 'note', new Date().toLocaleTimeString())
  byId('events').prepend(element('li', className, time, ' ', ...children))
  while (byId('events').children.length > MAX_EVENTS) byId('events').lastElementChild!.remove()
}

/** Runs what a user asked for; whatever goes wrong is shown. */
export function attempt(action: () => Promise<void>): void {
  action().catch(showError)
}

/** Nothing that goes wrong in this page stays unseen. */
export function showUncaught(): void {
  addEventListener('error', ({ error, message }) => showError(error ?? message))
  addEventListener('unhandledrejection', ({ reason }) => showError(reason))
}

function partsOf(error: unknown): { code: string; message: string; hint?: string | undefined } {
  if (error instanceof CosmicError) {
    const { code, message, hint } = error
    const repeats = message === code || message.startsWith(`${code}, `)
    return { code, message: repeats ? message.slice(code.length + 2) : message, hint }
  }
  return error instanceof Error
    ? { code: error.name, message: error.message }
    : { code: 'error', message: String(error) }
}
