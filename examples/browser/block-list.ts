import type { Block } from 'cosmic-embeddings'
import { blockCard, type CardOptions } from './block-card'
import { byId, soon } from './dom'
import { counted } from './plain-text'

const PAGE = 10

/** Every block of this agent, those that came last first, a page at a time. Cards stay as they are while others arrive. */
export class BlockList {
  readonly #options: CardOptions
  readonly #blocks = new Map<string, Block>()
  readonly #cards = new Map<string, HTMLElement>()
  readonly #render = soon(() => this.#show())
  #shown = PAGE

  constructor(options: CardOptions) {
    this.#options = options
    byId('more').addEventListener('click', () => {
      this.#shown += PAGE
      this.#show()
    })
  }

  add(block: Block): void {
    this.#blocks.set(block.id, block)
    this.#render()
  }

  #show(): void {
    const all = [...this.#blocks.values()]
    const latest = all.slice(-this.#shown).reverse()
    const cards = latest.map(block => this.#cards.get(block.id) ?? blockCard(block, this.#options))
    this.#cards.clear()
    latest.forEach(({ id }, i) => this.#cards.set(id, cards[i]!))
    this.#place(cards)
    const own = all.filter(({ author }) => author === this.#options.self).length
    byId('count').textContent = `${counted(all.length, 'block')}, ${own} by me. Latest first.`
    byId('more').hidden = latest.length === all.length
  }

  /** Moves no card that is in its place already, so that focus and open details survive. */
  #place(cards: readonly HTMLElement[]): void {
    const list = byId('blocks')
    for (const card of [...list.children]) if (!cards.includes(card as HTMLElement)) card.remove()
    cards.forEach((card, i) => {
      if (list.children[i] !== card) list.insertBefore(card, list.children[i] ?? null)
    })
  }
}
