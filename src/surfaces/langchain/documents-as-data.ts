import type { DocumentInterface } from '@langchain/core/documents'
import { DATA_NOTICE } from '../memory/index'

/**
 * Recalled documents as one text for a prompt: JSON, so that no text can end its own quotation, behind a line that says that it is
 * data by the authors named. This marks what others wrote; it cannot keep a model from believing it.
 *
 * @example
 * ```ts
 * const context = documentsAsData(await retriever.invoke(question))
 * ```
 */
export function documentsAsData(documents: readonly DocumentInterface[]): string {
  const shown = documents.map(({ id, pageContent, metadata }) => ({
    id,
    text: pageContent,
    metadata: metadata as unknown,
  }))
  return `${DATA_NOTICE}\n${JSON.stringify(shown)}`
}
