import { gzipSync } from 'node:zlib'
import path from 'node:path'
import { build } from 'esbuild'

export interface Chunk {
  readonly text: string
}

export interface Bundle {
  /** The entry and what it imports statically. */
  readonly initial: readonly Chunk[]
  /** Everything that arrives only through a dynamic import. */
  readonly lazy: readonly Chunk[]
}

/** Bundles the source for the browser, minified, with esbuild's defaults otherwise. */
export async function bundleForBrowser(project: string, source: string): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: project,
    stdin: { contents: source, resolveDir: project },
    bundle: true,
    minify: true,
    splitting: true,
    metafile: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    outdir: 'out',
    logLevel: 'silent',
  })
  const entry = Object.keys(metafile.outputs).find(file => metafile.outputs[file]!.entryPoint === '<stdin>')!
  const initial = new Set<string>()
  const visit = (file: string) => {
    if (initial.has(file)) return
    initial.add(file)
    const { imports } = metafile.outputs[file]!
    for (const { path: next, kind } of imports) if (kind === 'import-statement') visit(next)
  }
  visit(entry)
  const isInitial = (file: { path: string }) => initial.has(path.relative(project, file.path).replaceAll(path.sep, '/'))
  return { initial: outputFiles.filter(isInitial), lazy: outputFiles.filter(file => !isInitial(file)) }
}

/** Bytes of the chunks, each compressed by itself as a server sends it. */
export function gzipSize(chunks: readonly Chunk[]): number {
  return chunks.reduce((sum, { text }) => sum + gzipSync(text, { level: 9 }).length, 0)
}
