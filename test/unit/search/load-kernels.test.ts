import { expect, test, vi } from 'vitest'
import { relaxedSimd } from '../../../src/search/kernels/binaries.generated'

test('kernels with relaxed SIMD are chosen where they run, else those with SIMD, else plain JavaScript', async () => {
  const hasRelaxed = WebAssembly.validate(Buffer.from(relaxedSimd, 'base64'))
  const validate = vi.spyOn(WebAssembly, 'validate')
  for (const [answers, name] of [
    [[], hasRelaxed ? 'wasm-relaxed-simd' : 'wasm-simd'],
    [[false], 'wasm-simd'],
    [[false, false], 'scalar'],
  ] as const) {
    vi.resetModules()
    for (const answer of answers) validate.mockReturnValueOnce(answer)
    const { loadKernels: fresh } = await import('../../../src/search/kernels/load-kernels')
    expect((await fresh()).name).toBe(name)
  }
  validate.mockRestore()
})
