import { having } from '../../base/index'
import type { SyncClient } from '../../client/index'
import { readLogger, type Logger } from './logger'

const readClient = having<SyncClient>('a SyncClient', 'on')

/**
 * Writes what a client tells into a log: sessions, refusals, faults of its own storage. What a block says is not among it.
 * The returned function stops it.
 *
 * @example
 * ```ts
 * const stop = logEvents(client, createLogger())
 * ```
 */
export function logEvents(client: SyncClient, logger: Logger): () => void {
  readClient(client, 'client')
  readLogger(logger, 'logger')
  const stops = [
    client.on('connected', event => logger.info({ ...event }, 'connected')),
    client.on('disconnected', ({ failure, ...event }) =>
      failure ? logger.warn({ ...event, failure }, 'session failed') : logger.info(event, 'disconnected'),
    ),
    client.on('unreachable', event => logger.warn({ ...event }, 'no session')),
    client.on('retry', event => logger.debug({ ...event }, 'will be dialled again')),
    client.on('sync', event => {
      if (event.state === 'stalled') logger.warn({ ...event }, 'sync is stalled')
      else logger.debug({ ...event }, `sync: ${event.state}`)
    }),
    client.on('block', ({ block: { id, kind, author } }) => logger.debug({ id, kind, author }, 'admitted')),
    client.on('withdrawn', ({ block: { id, author }, code }) =>
      logger.info({ id, author, code }, 'no longer admitted'),
    ),
    client.on('erased', ({ block }) => logger.debug({ ...block }, 'erased')),
    client.on('retention', event => {
      const hasRemoved = event.expired + event.pruned + event.belowFloor > 0
      if (event.doubt)
        logger.warn({ ...event.doubt }, 'the clock jumped ahead: nothing is removed by time until it is believed')
      logger[hasRemoved ? 'info' : 'debug']({ ...event }, 'retention has swept')
    }),
    client.on('compaction', event => logger.debug({ ...event }, 'compaction')),
    client.on('refused', ({ peer, id, verdict }) => {
      const { status } = verdict
      const fields = { peer, id, status, ...('code' in verdict && { code: verdict.code }) }
      if (status === 'invalid') logger.warn(fields, 'refused')
      else logger.debug(fields, 'refused')
    }),
    client.on('error', ({ error }) => logger.error({ error }, 'fault of this node')),
    client.on('closed', () => logger.debug({}, 'closed')),
  ]
  return () => stops.forEach(stop => stop())
}
