import { restoreVerified } from '../../src/validate/index'
import { crc32 } from '../../src/store/crc32'
import { Cid, unwrap } from '../../src/base/index'
import { sampleBlock } from './stored-block'
const b = await sampleBlock({ vector: Float32Array.from({length:384},(_, i)=>Math.sin(i)), tags: ['alpha','beta'], text: 'A sentence of typical length, say about eighty characters long, for an agent.' })
console.log(b.bytes.length)
const time = (name: string, n: number, f: () => void) => { for (let i=0;i<n/10;i++) f(); const t=performance.now(); for (let i=0;i<n;i++) f(); console.log(name, ((performance.now()-t)/n*1000).toFixed(2),'us') }
time('restore', 20000, () => restoreVerified(b.bytes))
time('crc', 20000, () => crc32(b.bytes))
const d = unwrap(Cid.parse(b.id)).digest
time('cid text', 50000, () => Cid.fromDigest(d).toString())
time('cid parse', 50000, () => Cid.parse(b.id))
import { createHash } from 'node:crypto'
time('sha native', 50000, () => createHash('sha256').update(b.bytes).digest())
