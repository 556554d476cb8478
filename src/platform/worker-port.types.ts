/** The other end of the thread that started this worker. */
export interface WorkerEnd {
  post(message: unknown, transfer: readonly ArrayBuffer[]): void
  onMessage(listener: (message: unknown) => void): void
}

/** What each `worker-port.*.ts` exports; `#worker-port` resolves to the right one through package `imports` conditions. */
export interface WorkerPortPlatform {
  /** `undefined` on a thread that is no worker. */
  workerPort(): WorkerEnd | undefined
}
