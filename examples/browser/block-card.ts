import { CosmicValidator, type Block, type Verdict } from 'cosmic-embeddings'
import { describeSky } from 'cosmic-embeddings/sky'
import { element, name } from './dom'
import { shortName } from './plain-text'
import { attempt } from './reports'

const validator = new CosmicValidator()

export interface CardOptions {
  /** This agent's own did:key. */
  readonly self: string
  readonly onSimilar: (block: Block) => void
  /** The verdict and score of a search hit; without it the block is judged here. */
  readonly hit?: { readonly verdict: Verdict; readonly score: number; readonly standard: number }
}

/** A block for people: what it says, who signed it, the sky it carries, and every check that was made. */
export function blockCard(block: Block, { self, onSimilar, hit }: CardOptions): HTMLElement {
  const card = element('li', 'card', element('p', 'text', contentOf(block)))
  card.dataset.id = block.id
  if (!block.opaque && block.sky) card.append(element('p', 'sky', describeSky(block.sky, block)))
  card.append(originOf(block, self))
  if (hit)
    card.append(element('p', 'note', `cosine ${hit.score.toFixed(2)}, ${hit.standard.toFixed(1)} σ above the mean`))
  const foot = element('div', 'foot')
  card.append(foot)
  attempt(async () => foot.prepend(verdictOf(hit?.verdict ?? (await validator.validate(block)))))
  if (block.kind === 'embedding') foot.append(similarButton(block, onSimilar))
  return card
}

/** The verdict in a word; every check behind it on demand. */
export function verdictOf(verdict: Verdict): HTMLElement {
  const { status, checks, summary } = verdict
  const reason = 'code' in verdict && verdict.code !== undefined ? ` (${verdict.code})` : ''
  const label = status === 'valid' && !verdict.admitted ? 'valid, not admitted' : status
  const chip = element('span', `chip ${label === 'valid' ? 'good' : status === 'invalid' ? 'bad' : 'fair'}`, label)
  const rows = checks.map(check =>
    element('li', check.status, element('strong', '', `${check.name} ${check.status}`), ` ${check.detail ?? ''}`),
  )
  const shown = element('details', 'verdict', element('summary', '', chip, reason))
  shown.append(element('ul', 'checks', ...rows), element('p', 'note', summary))
  shown.dataset.status = status
  return shown
}

function contentOf(block: Block): string {
  if (block.opaque) return `A block of the kind ${block.kind}, which this version does not know.`
  if (block.kind === 'embedding') return block.input.content ?? `Only the hash of its ${block.input.type} is signed.`
  if (block.kind === 'sealed') return `Sealed for ${block.sealed.wraps.length} readers.`
  if (block.kind !== 'translator') return `A block of the kind ${block.kind}.`
  const { from, to, index, count } = block.translator
  return `Part ${index + 1} of ${count} of a translator from ${from} to ${to}.`
}

function originOf(block: Block, self: string): HTMLElement {
  const time = element(
    'time',
    '',
    new Date(block.time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' }),
  )
  time.dateTime = new Date(block.time).toISOString()
  const author = block.author === self ? 'me' : shortName(block.author)
  const model = block.kind === 'embedding' && !block.opaque ? ` · ${block.embedding.model}` : ''
  return element('p', 'note', 'signed by ', name(block.author, author), ', dated ', time, model)
}

function similarButton(block: Block, onSimilar: (block: Block) => void): HTMLElement {
  const button = element('button', 'quiet', 'More like this')
  button.addEventListener('click', () => onSimilar(block))
  return button
}
