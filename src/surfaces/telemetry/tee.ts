import { readRecorder, type Recorder } from './instruments'

/** One recorder of two. */
export function tee(first: Recorder, second: Recorder): Recorder {
  readRecorder(first, 'first')
  readRecorder(second, 'second')
  return {
    record(name, value, attributes) {
      first.record(name, value, attributes)
      second.record(name, value, attributes)
    },
    observe(read) {
      const stops = [first.observe(read), second.observe(read)]
      return () => stops.forEach(stop => stop())
    },
  }
}
