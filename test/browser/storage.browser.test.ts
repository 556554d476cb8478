import { describe, expect, test } from 'vitest'
import { indexedDbSuites } from '../tools/indexeddb-suites'

indexedDbSuites({ describe, test, expect })
