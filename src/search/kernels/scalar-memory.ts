import type { KernelMemory } from './kernels'

const PAGE = 65_536

/** Memory as WebAssembly has it, with one view of each kind. */
export class ScalarMemory implements KernelMemory {
  buffer = new ArrayBuffer(PAGE)
  u8 = new Uint8Array(this.buffer)
  i8 = new Int8Array(this.buffer)
  i16 = new Int16Array(this.buffer)
  u32 = new Uint32Array(this.buffer)
  f32 = new Float32Array(this.buffer)

  /** By half of what there is at least, since all of it is copied. */
  grow(pages: number): number {
    const before = this.u8
    this.buffer = new ArrayBuffer(before.length + Math.max(pages * PAGE, before.length >> 1))
    this.u8 = new Uint8Array(this.buffer)
    this.i8 = new Int8Array(this.buffer)
    this.i16 = new Int16Array(this.buffer)
    this.u32 = new Uint32Array(this.buffer)
    this.f32 = new Float32Array(this.buffer)
    this.u8.set(before)
    return before.length / PAGE
  }

  floats(at: number, n: number): Float32Array {
    return this.f32.subarray(at >>> 2, (at >>> 2) + n)
  }
}
