import { test } from 'vitest'
import { expectPrinted } from '../../tools/page-example'

test('the example of moving prints what the page shows', () =>
  expectPrinted('storage.md', { below: '## Backup and moving' }))
