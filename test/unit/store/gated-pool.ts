import pg from 'pg'
import type { PostgresConnection, PostgresPool, Statement } from '../../../src/adapters/storage/postgres'

/** A real pool whose next COMMIT waits until it is told to go on, or whose connections are cut at a statement. */
export function gatedPool(connectionString: string) {
  const inner = new pg.Pool({ connectionString, max: 4 })
  inner.on('error', () => {})
  let cutAt: string | undefined
  let waiting: ((pid: number) => Promise<void>) | undefined

  const connect = async (): Promise<PostgresConnection> => {
    const client = await inner.connect()
    const query = client.query.bind(client) as (statement: Statement) => ReturnType<PostgresConnection['query']>
    return Object.assign(Object.create(client) as PostgresConnection, {
      async query(statement: Statement) {
        if (cutAt !== undefined && statement.text.includes(cutAt)) throw new Error('Connection terminated unexpectedly')
        const hold = statement.text === 'COMMIT' ? waiting : undefined
        if (hold) {
          waiting = undefined
          await hold((client as unknown as { processID: number }).processID)
        }
        return query(statement)
      },
    })
  }
  const pool: PostgresPool = { connect, end: () => inner.end(), on: (event, listener) => inner.on(event, listener) }
  return {
    pool,
    end: () => inner.end(),
    /** Statements that hold this text fail as those of a lost connection do; `undefined`: none. */
    cut: (text: string | undefined) => void (cutAt = text),
    /** `held` resolves to the number of the server's process once a transaction is about to be committed. */
    holdCommit(): { held: Promise<number>; open: () => void } {
      let open = () => {}
      const opened = new Promise<void>(resolve => (open = resolve))
      const held = new Promise<number>(resolve => {
        waiting = pid => {
          resolve(pid)
          return opened
        }
      })
      return { held, open }
    },
  }
}
