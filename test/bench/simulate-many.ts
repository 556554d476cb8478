// Runs one large simulated network and prints what it took: `simulate-many.ts NODES BLOCKS`.
import { exchange } from '../sim/exchange'

const [nodes, blocks] = process.argv.slice(2).map(Number) as [number, number]
process.stdout.write(JSON.stringify(await exchange(nodes, blocks, 'stand-in')))
