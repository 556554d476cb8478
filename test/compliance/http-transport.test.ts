import { describe, expect, test } from 'vitest'
import { httpTransport } from '../../src/adapters/transport/http'
import { transportSuite } from '../../src/testing/transport'
import { serveFetch } from '../tools/serve-fetch'

transportSuite(
  { describe, test, expect },
  {
    name: 'http',
    async open() {
      const server = await serveFetch(request => listening.fetch(request))
      const listening = httpTransport({ listen: { address: `${server.url}/sync` } })
      return {
        listening,
        dialling: httpTransport(),
        unreachable: ['http://127.0.0.1:1/', 'http://nobody.invalid:8000/sync'],
        malformed: [
          'http://',
          'ws://127.0.0.1',
          'http://127.0.0.1:99999',
          'http://127.0.0.1:80/#fragment',
          'http://a:b@127.0.0.1/',
        ],
        close: server.close,
      }
    },
  },
)
