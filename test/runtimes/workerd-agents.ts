import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { freePort } from '../tools/free-port'
import { WORKERD_PATH } from '../tools/other-runtimes.mjs'
import type { AgentRuntime } from './agents'
import { bundle } from './bundle'

/** workerd, whose agents live within one request each: what they hold is known once they have gone again. */
export async function workerdAgents(): Promise<AgentRuntime> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cosmic-worker-'))
  writeFileSync(path.join(folder, 'worker.js'), await bundle('worker-agent.ts', 'browser', 'esm'))
  const port = await freePort()
  writeFileSync(path.join(folder, 'config.capnp'), configOf(port))
  const server = spawn(WORKERD_PATH, ['serve', 'config.capnp'], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const url = `http://127.0.0.1:${port}/`
  while (!(await fetch(url).catch(() => undefined))) {
    if (server.exitCode !== null) throw new Error('workerd ended')
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  return {
    async start({ blocks, dial }) {
      const response = await fetch(`${url}?${new URLSearchParams({ blocks: String(blocks), dial: dial! }).toString()}`)
      const text = await response.text()
      if (!response.ok) throw new Error(text)
      return { holds: async () => Number(text), ended: async () => 'bye', close: async () => {} }
    },
    async close() {
      server.kill()
      await once(server, 'exit')
      rmSync(folder, { recursive: true })
    },
  }
}

/** Loopback is no network that a worker reaches by itself. */
function configOf(port: number): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "internet", network = (allow = ["local"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
);
`
}
