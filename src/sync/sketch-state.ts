import type { Sketch } from './negentropy/sketch'

/** Cells that an initiator has told, of which so many were sent, in answer to so many requests. */
export interface ToldCells {
  readonly words: Uint32Array
  readonly sent: number
  readonly requests: number
}

/** A sketch that the responder has got, and its cells as far as they came, ours taken from them. */
export interface SketchRead extends Sketch {
  readonly difference: Uint32Array
  readonly cells: number
  /** Cells that were asked for and are not there yet; requests so far. */
  readonly awaited: number
  readonly requests: number
}

/** What a session knows of the sketch of the audit under way. */
export interface Sketching {
  /** Responder: a sketch has told all that differs; the answer waits until what the initiator lacks is announced. */
  confirmed: boolean
  /** Initiator: the coded cells of the sketch told; responder: the sketch as far as it has come. */
  told: ToldCells | undefined
  sketch: SketchRead | undefined
}

export function createSketching(): Sketching {
  return { confirmed: false, told: undefined, sketch: undefined }
}
