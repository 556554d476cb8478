import type { DocumentInterface } from '@langchain/core/documents'
import { fields, list } from '../../base/index'
import { DATA_NOTICE } from '../memory/index'

const readDocuments = list((value, path) => fields(value, path) as unknown as DocumentInterface, Infinity)

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
  const shown = readDocuments(documents, 'documents').map(({ id, pageContent, metadata }) => ({
    id,
    text: pageContent,
    metadata: metadata as unknown,
  }))
  return `${DATA_NOTICE}\n${JSON.stringify(shown)}`
}
