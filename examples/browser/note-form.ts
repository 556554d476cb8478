import { createBlock, type Embedder, type Place, type Signer, type SyncClient } from 'cosmic-embeddings'
import { byId } from './dom'
import { attempt } from './reports'

/** Publishes what the visitor writes: embedded, stamped with the sky, signed. */
export function noteForm(signer: Signer, embedder: Embedder, client: SyncClient): void {
  const form = byId<HTMLFormElement>('note')
  const button = form.querySelector<HTMLButtonElement>(':scope > button')!
  const state = byId('published')
  form.inert = false
  form.addEventListener('submit', event => {
    event.preventDefault()
    button.disabled = true
    state.textContent = 'Signing…'
    attempt(async () => {
      try {
        const fields = new FormData(form)
        const place = placeOf(fields)
        const input = { type: 'text', content: String(fields.get('text')) } as const
        const block = await createBlock({ embedder, input, sky: true, tags: ['note'], ...(place && { place }) }, signer)
        await client.publish(block)
        form.reset()
        state.textContent = 'Published. Peers get it as soon as they are connected.'
      } catch (error) {
        state.textContent = 'Not published: the reason is at the top.'
        throw error
      } finally {
        button.disabled = false
      }
    })
  })
}

/** Half a place is a wrong one: the library says so. */
function placeOf(fields: FormData): Place | undefined {
  const [latitude, longitude] = ['latitude', 'longitude'].map(field => String(fields.get(field)).trim()) as [
    string,
    string,
  ]
  if (latitude === '' && longitude === '') return undefined
  return { latitude: Number(latitude || NaN), longitude: Number(longitude || NaN) }
}
