import type { TranslatorQuality } from 'cosmic-embeddings'

/** What the demo's conductor asks of an agent process, one task at a time, and what the agent answers. */
export interface Tasks {
  /** Embed, sign, stamp and store the agent's texts. */
  prepare: {
    input: { part: 0 | 1; own: number; shared: number }
    output: { blocks: number; bytes: number; seconds: number }
  }
  /** Join the room, meet the other agent over WebRTC, exchange what is missing. */
  meet: {
    input: { signaling: string; room: string; blocks: number }
    output: { peer: string; received: number; seconds: number }
  }
  /** Fit a translator from the texts that both have embedded, and publish it. */
  translate: { input: { from: string; to: string }; output: { parts: string[]; quality: TranslatorQuality } }
  /** Wait until these blocks of others have arrived. */
  await: { input: { ids: string[] }; output: null }
  ask: { input: { question: string; author: string; k: number }; output: Answer[] }
  report: { input: null; output: Report }
  stop: { input: null; output: null }
}

export type TaskName = keyof Tasks

export interface Answer {
  text: string
  score: number
  standard: number
  author: string
  verdict: string
  sky: string
}

export interface Report {
  blocks: number
  bytes: number
  verified: number
  refused: number
  bytesIn: number
  bytesOut: number
}

export type ToAgent = { [K in TaskName]: { task: K; input: Tasks[K]['input'] } }[TaskName]

export type FromAgent =
  | { type: 'ready'; did: string; model: string }
  | { type: 'done'; output: unknown }
  | { type: 'failed'; message: string }
  | { type: 'progress'; label: string; done: number; total: number }
  | { type: 'refused'; peer: string; code: string; field?: string; summary: string }
  | { type: 'disconnected'; peer: string; code?: string }
