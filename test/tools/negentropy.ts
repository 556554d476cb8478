// `npm run --silent negentropy`: our Negentropy on standard input and output, as the public conformance harness drives it.
// FRAMESIZELIMIT bounds the messages that are sent.
import { createInterface } from 'node:readline'
import { NegentropyLines } from './negentropy-lines'

const lines = new NegentropyLines(Number(process.env['FRAMESIZELIMIT'] ?? 0))
for await (const line of createInterface({ input: process.stdin }))
  for (const answer of lines.take(line)) process.stdout.write(`${answer}\n`)
