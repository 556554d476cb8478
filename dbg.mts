import { readPlan, runPlan, describeEvent } from 'cosmic-embeddings/simulator'
import { readFileSync } from 'node:fs'
;(globalThis as any).LOG = (...a: any[]) => console.log(...a)
const r = await runPlan(readPlan(readFileSync(process.argv[2], 'utf8')), { onEvent: e => console.log('##', JSON.stringify(e).slice(0,200)) })
console.log(r.violations[0])
