import { CosmicError } from './errors'

/**
 * Loads an optional package. When it cannot be loaded the promise rejects with `missing-peer`, which names the
 * package and the command that installs it (`npm install` of the package itself unless `install` says more).
 */
export async function loadPeer<T>(
  name: string,
  load: () => T | Promise<T>,
  install = `npm install ${name}`,
): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new CosmicError({ code: 'missing-peer', package: name, install, hint: install }, { cause })
  }
}
