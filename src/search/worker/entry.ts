/** What runs in a worker that is handed to `search: { worker }`. On another thread, such as a page's own, it does nothing. */
import { timers } from '#platform'
import { workerPort } from '#worker-port'
import { serveSearch } from './serve-search'

const port = workerPort()
if (port) serveSearch(port, () => new Promise(resolve => timers.set(resolve, 0)))
