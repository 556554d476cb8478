import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { FromAgent, TaskName, Tasks } from './protocol'

export interface AgentPlan {
  readonly name: string
  readonly model: 'minilm' | 'use-lite'
  /** Where its store and identity are kept. */
  readonly folder: string
  readonly place: { readonly latitude: number; readonly longitude: number; readonly elevation: number }
}

type Notice = Exclude<FromAgent, { type: 'ready' | 'done' | 'failed' }>

/** One agent in a Node process of its own. */
export class AgentProcess {
  readonly plan: AgentPlan
  did = ''
  modelId = ''
  readonly #child: ChildProcess
  readonly #onNotice: (notice: Notice) => void
  #waiting: { resolve(value: unknown): void; reject(error: Error): void } | undefined

  private constructor(plan: AgentPlan, onNotice: (notice: Notice) => void) {
    const { latitude, longitude, elevation } = plan.place
    const args = [plan.model, plan.folder, latitude, longitude, elevation].map(String)
    this.plan = plan
    this.#onNotice = onNotice
    this.#child = fork(fileURLToPath(new URL('agent.ts', import.meta.url)), args, {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    this.#child.on('message', (message: FromAgent) => this.#hear(message))
    this.#child.on('exit', code => this.#waiting?.reject(new Error(`agent ${plan.name} ended with code ${code}`)))
  }

  /** Starts the process and waits until its model is loaded. */
  static async start(plan: AgentPlan, onNotice: (notice: Notice) => void): Promise<AgentProcess> {
    const agent = new AgentProcess(plan, onNotice)
    await agent.#answer()
    return agent
  }

  async perform<K extends TaskName>(task: K, input: Tasks[K]['input']): Promise<Tasks[K]['output']> {
    const answer = this.#answer()
    this.#child.send({ task, input })
    return (await answer) as Tasks[K]['output']
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }))
  }

  #hear(message: FromAgent): void {
    const waiting = this.#waiting
    switch (message.type) {
      case 'ready':
        this.did = message.did
        this.modelId = message.model
        return waiting?.resolve(undefined)
      case 'done':
        return waiting?.resolve(message.output)
      case 'failed':
        return waiting?.reject(new Error(`agent ${this.plan.name}: ${message.message}`))
      default:
        return this.#onNotice(message)
    }
  }
}
