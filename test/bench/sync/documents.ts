import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import path from 'node:path'
import { installed } from '../search/install-peers'
import type { Carried, Contestant } from './contestant'
import { FramedSocket, serveFramed } from './framed-socket'

interface YMap {
  set(key: string, value: Uint8Array): void
  readonly size: number
}
interface YDoc {
  getMap(name: string): YMap
  transact(work: () => void): void
}
interface Yjs {
  readonly Doc: new () => YDoc
  encodeStateVector(doc: YDoc): Uint8Array
  encodeStateAsUpdate(doc: YDoc, vector?: Uint8Array): Uint8Array
  applyUpdate(doc: YDoc, update: Uint8Array): void
}

/** One document with one map; the whole of it is written to a file and synced once it is complete. */
export function yjs(): Contestant | undefined {
  const Y = installed({ folder: 'sync/yjs', specs: ['yjs@13.6.33'], load: require => require('yjs') as Yjs })
  if (!Y) return undefined
  const fill = (doc: YDoc, records: readonly Carried[]) =>
    doc.transact(() => records.forEach(({ id, bytes }) => doc.getMap('blocks').set(id, bytes)))
  return {
    async hold(_folder, records) {
      const doc = new Y.Doc()
      fill(doc, records)
      const server = await serveFramed(async socket => {
        const vector = await socket.receive()
        socket.send(Y.encodeStateAsUpdate(doc, vector))
        socket.end()
      })
      return { ...server, add: async more => fill(doc, more) }
    },
    async start(folder) {
      const doc = new Y.Doc()
      return {
        async fetch(address, count) {
          const socket = await FramedSocket.connect(Number(address))
          socket.send(Y.encodeStateVector(doc))
          Y.applyUpdate(doc, (await socket.receive())!)
          socket.end()
          keep(folder, Y.encodeStateAsUpdate(doc))
          expectCount(doc.getMap('blocks').size, count)
        },
        close: async () => {},
      }
    },
  }
}

interface Document {
  blocks: Record<string, Uint8Array>
}
interface Automerge {
  from(value: Document): Document
  change(doc: Document, work: (doc: Document) => void): Document
  init(): Document
  initSyncState(): object
  generateSyncMessage(doc: Document, state: object): [object, Uint8Array | null]
  receiveSyncMessage(doc: Document, state: object, message: Uint8Array): [Document, object]
  save(doc: Document): Uint8Array
}

/** One document with one map, over its own sync protocol; the whole of it is written and synced once it is complete. */
export function automerge(): Contestant | undefined {
  const specs = ['@automerge/automerge@3.5.0']
  const A = installed({
    folder: 'sync/automerge',
    specs,
    load: require => require('@automerge/automerge') as Automerge,
  })
  if (!A) return undefined
  const fill = (doc: Document, records: readonly Carried[]) =>
    A.change(doc, draft => records.forEach(({ id, bytes }) => (draft.blocks[id] = bytes)))
  return {
    async hold(_folder, records) {
      let doc = fill(A.from({ blocks: {} }), records)
      const server = await serveFramed(async socket => {
        let state = A.initSyncState()
        for (let message = await socket.receive(); message; message = await socket.receive()) {
          ;[doc, state] = A.receiveSyncMessage(doc, state, message)
          let answer: Uint8Array | null
          ;[state, answer] = A.generateSyncMessage(doc, state)
          socket.send(answer ?? new Uint8Array(0))
        }
        socket.end()
      })
      return { ...server, add: async more => void (doc = fill(doc, more)) }
    },
    async start(folder) {
      let doc = A.init()
      return {
        async fetch(address, count) {
          const socket = await FramedSocket.connect(Number(address))
          let state = A.initSyncState()
          for (;;) {
            let question: Uint8Array | null
            ;[state, question] = A.generateSyncMessage(doc, state)
            if (!question) break
            socket.send(question)
            const answer = await socket.receive()
            if (answer?.length) [doc, state] = A.receiveSyncMessage(doc, state, answer)
          }
          socket.end()
          keep(folder, A.save(doc))
          expectCount(Object.keys(doc.blocks).length, count)
        },
        close: async () => {},
      }
    },
  }
}

function keep(folder: string, bytes: Uint8Array): void {
  const file = openSync(path.join(folder, 'document'), 'w')
  writeSync(file, bytes)
  fsyncSync(file)
  closeSync(file)
}

export function expectCount(found: number, count: number): void {
  if (found !== count) throw new Error(`${found} of ${count} records came`)
}
