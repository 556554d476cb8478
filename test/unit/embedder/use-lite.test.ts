import { describe, expect, test } from 'vitest'
import { useLite } from '../../../src/adapters/embedder/use-lite'
import { embedderSuite } from '../../../src/testing/index'
import { expectMeaning } from './meaning'

const embedder = useLite()

embedderSuite({ describe, test, expect }, { name: 'use-lite', open: () => embedder })

test('texts of one meaning are nearer than texts of another', async () => {
  expect((await embedder).modelId).toBe('google:use-lite@1')
  await expectMeaning(await embedder)
})
