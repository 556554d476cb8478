import { test } from 'vitest'
import { expectPrinted } from '../../tools/page-example'

test('the example prints what the page shows', () => expectPrinted('versions-and-deletion.md'))
