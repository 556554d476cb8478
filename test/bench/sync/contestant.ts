/** One record to carry: the envelope of a block and its id. */
export interface Carried {
  readonly id: string
  readonly bytes: Uint8Array
}

/** The side that has the records. */
export interface Holder {
  /** What the other side needs to find it. */
  readonly address: string
  add(records: readonly Carried[]): Promise<void>
  close(): Promise<void>
}

/** The side that lacks them. */
export interface Fetcher {
  /** Connects, resolves when `count` records in all are here as durably as the contestant promises, and disconnects. */
  fetch(address: string, count: number): Promise<void>
  /** Bytes both ways so far, where they do not pass through sockets of this process. */
  bytes?(): number
  close(): Promise<void>
}

/** One way to bring records from a process to another. Each side runs in a process of its own, with a folder of its own. */
export interface Contestant {
  /** Where the records can be laid into the folder ahead, in a process that ends then; `hold` is given none of them. */
  fill?(folder: string, records: readonly Carried[]): Promise<void>
  hold(folder: string, records: readonly Carried[]): Promise<Holder>
  start(folder: string): Promise<Fetcher>
}
