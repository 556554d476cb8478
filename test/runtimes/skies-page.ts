import { judgeBlocks, makeBlocks } from './skies'

Object.assign(globalThis, { makeBlocks, judgeBlocks })
