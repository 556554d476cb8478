const WIDTH = 20

/** Tells a line with a bar at each twentieth of the way, with the rate so far and the time that is left at that rate. */
export function progressBar(unit: string, say: (line: string) => void): (done: number, total: number) => void {
  const start = performance.now()
  let told = 0
  return (done, total) => {
    const steps = Math.floor((done * WIDTH) / total)
    if (steps <= told) return
    told = steps
    const seconds = (performance.now() - start) / 1_000
    const left = (seconds * (total - done)) / done
    const bar = '#'.repeat(steps).padEnd(WIDTH, '·')
    const count = `${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} ${unit}`
    say(`[${bar}] ${count}, ${Math.round(done / seconds).toLocaleString('en-US')}/s, ${Math.ceil(left)} s left`)
  }
}
