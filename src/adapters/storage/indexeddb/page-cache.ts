import type { Page } from './page'

/** What a page weighs beside its bytes. */
const OVERHEAD = 200

/** The pages used last, up to so many bytes. */
export class PageCache {
  readonly #limit: number
  readonly #pages = new Map<string, Page>()
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  get(fence: string): Page | undefined {
    const page = this.#pages.get(fence)
    if (page === undefined) return undefined
    this.#pages.delete(fence)
    this.#pages.set(fence, page)
    return page
  }

  set(fence: string, page: Page): void {
    this.delete(fence)
    this.#pages.set(fence, page)
    this.#bytes += page.length + OVERHEAD
    for (const oldest of this.#pages.keys()) {
      if (this.#bytes <= this.#limit) break
      this.delete(oldest)
    }
  }

  delete(fence: string): void {
    const page = this.#pages.get(fence)
    if (page === undefined) return
    this.#pages.delete(fence)
    this.#bytes -= page.length + OVERHEAD
  }
}
