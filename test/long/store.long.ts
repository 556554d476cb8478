import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { measureLargeStore, type PageRate } from '../tools/large-store'
import type { LongRun } from './long-run'
import { progressBar } from './progress-bar'

const BLOCKS = 1_000_000
const MOST_SPACE = 1.4
const MOST_MEMORY = 250
const SECONDS = 5

const about = `A store of ${BLOCKS.toLocaleString('en-US')} blocks on LMDB: 384 dimensions of f32, a sentence, two tags of 1,000 and 50, by 16 authors, all signed. A process that
starts anew opens it and reads a page, the newest 100 with a tag before an instant, as ids; then pages of other tags and
instants, without a cache of decoded blocks, as ids and as blocks, each of which is checked against its sum and decoded. A wrong
page fails the run; sizes and times stand beside their targets. Memory counts mapped pages of the file, too. What else
the machine does slows the rates of the clock, and hardly those of the reading process's own time on a processor.`

async function run(seed: number, say: (line: string) => void) {
  const root = await mkdtemp(path.join(tmpdir(), 'cosmic-large.'))
  const stopping = new AbortController()
  const stop = () => stopping.abort(new Error('stopped'))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const onProgress = progressBar('blocks', say)
    const options = { count: BLOCKS, seed, seconds: SECONDS, signal: stopping.signal, onProgress }
    return summaryOf(await measureLargeStore(root, options))
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    await rm(root, { recursive: true, force: true })
  }
}

function summaryOf(store: Awaited<ReturnType<typeof measureLargeStore>>) {
  const space = store.fileBytes / store.blockBytes
  const memory = store.memory / BLOCKS
  const own = store.ownMemory === undefined ? {} : { 'without mapped files': bytes(store.ownMemory / BLOCKS) }
  const cold =
    store.openedCold === undefined ? {} : { 'the same, the file out of the system’s memory': ms(store.openedCold) }
  return {
    blocks: BLOCKS,
    'bytes of the blocks': `${(store.blockBytes / 2 ** 20).toFixed(0)} MiB`,
    'files, times the bytes of the blocks': `${space.toFixed(2)} (target: at most ${MOST_SPACE})`,
    'put, with all indexes': `${rounded(store.putRate)} blocks/s`,
    'opened, with the first page': `${ms(store.opened)} (target: at most 2,000 ms)`,
    ...cold,
    'memory a block then, beyond an empty store': `${bytes(memory)} (target: at most ${MOST_MEMORY} B)`,
    ...own,
    'pages of 100 as ids': `${rates(store.ids)} (target: at least 5,000/s)`,
    'pages of 100 as blocks': `${rates(store.whole)} (target: at least 1,200/s)`,
    'pages compared with what they must hold': store.checked,
    'wrong pages': 0,
  }
}

const rates = ({ clock, processor }: PageRate) =>
  `${rounded(processor)}/s of processor time, ${rounded(clock)}/s of the clock`
const ms = (value: number) => `${rounded(value)} ms`
const bytes = (value: number) => `${value.toFixed(1)} B`
const rounded = (value: number) => Number(value.toPrecision(3)).toLocaleString('en-US')

export default { about, run } satisfies LongRun
