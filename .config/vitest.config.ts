import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const src = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: {
    alias: [
      { find: '#platform', replacement: src('platform/node.ts') },
      { find: '#web-socket', replacement: src('platform/web-socket.node.ts') },
      { find: '#simple-peer', replacement: src('platform/simple-peer.node.ts') },
    ],
  },
  test: { include: ['test/**/*.test.ts'], testTimeout: 30_000 },
})
