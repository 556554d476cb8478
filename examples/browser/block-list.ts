import type { Block } from 'cosmic-embeddings'
import { blockCard, type CardOptions } from './block-card'
import { byId, soon } from './dom'
import { counted } from './plain-text'

const PAGE = 10

/** Every block of this agent, latest arrival first, a page at a time. Cards stay as they are while others arrive. */
export class BlockList {
  readonly #options: CardOptions
  readonly #blocks: Block[] = []
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
    this.#blocks.push(block)
    this.#render()
  }

  #show(): void {
    const latest = this.#blocks.slice(-this.#shown).reverse()
    const cards = latest.map(block => this.#cards.get(block.id) ?? blockCard(block, this.#options))
    this.#cards.clear()
    latest.forEach(({ id }, i) => this.#cards.set(id, cards[i]!))
    this.#place(cards)
    const own = this.#blocks.filter(({ author }) => author === this.#options.self).length
    byId('count').textContent = `${counted(this.#blocks.length, 'block')}, ${own} by me. Latest arrival first.`
    byId('more').hidden = latest.length === this.#blocks.length
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
