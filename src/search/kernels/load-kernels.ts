import { CosmicError, loadOnce } from '../../base/index'
import { relaxedSimd, simd } from './binaries.generated'
import type { KernelSource, Kernels } from './kernels'

/**
 * The fastest kernels that run here: relaxed SIMD, then SIMD, then plain JavaScript. A compiled `module`
 * (`cosmic-embeddings/search.wasm`) is taken as it is, for runtimes that forbid compiling bytes.
 */
export async function loadKernels(module?: WebAssembly.Module): Promise<KernelSource> {
  if (module !== undefined) return wasmKernels('wasm-simd', given(module))
  return (await compileBest()) ?? scalarSource()
}

/** Nothing but the runtime decides, so it is asked once. */
const compileBest = /* @__PURE__ */ loadOnce(
  async () => (await compiled('wasm-relaxed-simd', relaxedSimd)) ?? compiled('wasm-simd', simd),
)

const scalarSource = async (): Promise<KernelSource> => {
  const { ScalarKernels } = await import('./scalar-kernels')
  return { name: 'scalar', make: async () => new ScalarKernels() }
}

/** `undefined` where the runtime has no WebAssembly, lacks the instructions, or forbids compiling (workerd, or a page's policy). */
async function compiled(name: 'wasm-relaxed-simd' | 'wasm-simd', base64: string): Promise<KernelSource | undefined> {
  if (typeof WebAssembly === 'undefined') return undefined
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0))
  if (!WebAssembly.validate(bytes)) return undefined
  const module = await WebAssembly.compile(bytes).catch(() => undefined)
  return module && wasmKernels(name, module)
}

function wasmKernels(name: 'wasm-relaxed-simd' | 'wasm-simd', module: WebAssembly.Module): KernelSource {
  return {
    name,
    make: async () => (await WebAssembly.instantiate(module)).exports as unknown as Kernels,
  }
}

function given(module: WebAssembly.Module): WebAssembly.Module {
  if (typeof WebAssembly !== 'undefined' && module instanceof WebAssembly.Module) {
    const names = WebAssembly.Module.exports(module).map(({ name }) => name)
    if (names.includes('scanBlocks')) return module
  }
  throw new CosmicError({
    code: 'bad-type',
    field: 'search.module',
    hint: 'the compiled cosmic-embeddings/search.wasm',
  })
}
