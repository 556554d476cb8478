import { text } from 'node:stream/consumers'
import { judgeBlocks, makeBlocks } from './skies'

/** Standard input: nothing, or the envelopes to judge. Standard output: the answer. */
const input = await text(process.stdin)
const answer = input === '' ? await makeBlocks() : await judgeBlocks(JSON.parse(input) as string[])
process.stdout.write(JSON.stringify(answer))
