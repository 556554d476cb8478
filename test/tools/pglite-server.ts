import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { PGLiteSocketServer } from '@electric-sql/pglite-socket'

/** PostgreSQL 18 with pgvector in this process, for real clients on loopback: one session, so one connection at a time. */
export async function startPglite(options: { vectors?: boolean } = {}) {
  const db = await PGlite.create(options.vectors === false ? {} : { extensions: { vector } })
  const server = new PGLiteSocketServer({ db, port: 0, maxConnections: 4 })
  await server.start()
  return {
    address: `postgres://postgres@${server.getServerConn()}/postgres`,
    async stop() {
      await server.stop()
      await db.close()
    },
  }
}
