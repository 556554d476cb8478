import { spawnSync } from 'node:child_process'

/** The system's own Python, which sees the packages that apt installs; `PYTHON_PATH` in the environment names another. */
export const PYTHON_PATH = process.env.PYTHON_PATH ?? '/usr/bin/python3'

/** Whether it runs and has what `test/python/` imports. */
export function hasPython() {
  return spawnSync(PYTHON_PATH, ['-c', 'import cbor2, cryptography, nacl.signing'], { stdio: 'ignore' }).status === 0
}
