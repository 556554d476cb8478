import { createRequire } from 'node:module'

/** The package asks for itself by name, so the answer is the same from the sources and from the build. */
export function ownVersion(): string {
  const manifest = createRequire(import.meta.url)('cosmic-embeddings/package.json') as { version: string }
  return manifest.version
}
