// `attack.ts URL`, in a process of its own: 1,000 clients that send a byte of a body now and then, and four that send bodies without
// an end, one after the other. Tells its parent once all are connected, and answers how many bodies were cut off when it is asked.
import { once } from 'node:events'
import { request } from 'node:http'
import net from 'node:net'

const SLOW = 1_000
const BOMBS = 4
const { hostname, port } = new URL(process.argv[2]!)
const head = `POST /blocks HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n`
let cut = 0

const slow = Array.from({ length: SLOW }, () => net.connect(Number(port), hostname))
for (const socket of slow) {
  socket.on('error', () => {})
  socket.write(head)
}
await Promise.all(slow.map(socket => once(socket, 'connect')))
setInterval(() => slow.forEach(socket => socket.write('{')), 1_000)

const chunk = Buffer.alloc(65_536, 32)

/** Writes until the server ends it. */
async function bomb(): Promise<void> {
  const sent = request({
    host: hostname,
    port,
    path: '/search',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  })
  let isOver = false
  const over = new Promise<void>(resolve => {
    const end = () => ((isOver = true), resolve())
    sent.on('error', end)
    sent.on('response', answer => {
      if (answer.statusCode === 413) cut++
      answer.resume()
      end()
    })
  })
  while (!isOver) {
    if (!sent.write(chunk)) await Promise.race([once(sent, 'drain').catch(() => {}), over])
    else await new Promise(setImmediate)
  }
  sent.destroy()
}

for (let i = 0; i < BOMBS; i++) {
  void (async () => {
    for (;;) await bomb()
  })()
}
process.on('message', () => process.send!(cut))
process.send!('ready')
