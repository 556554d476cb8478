// `npm test`: sets a fresh clone up, then formatting, lint, types, build and every test; the first failure ends it.
// Arguments are handed to vitest, such as `npm test -- --project node`.
import { chromium, firefox, install, kernels, nats, netns, nodes, postgres, python, turn } from './ensure.mjs'
import { runTool, say, startBeside } from './run.mjs'

const start = performance.now()
let hasChromium = false
let hasFirefox = false
let hasPostgres = false
let hasPython = false
let hasTurn = false
let hasNats = false
let hasNetns = false
let hasNodes = false

/** @type {() => Promise<boolean>} */
let isBuilt = async () => false

/** @type {readonly (() => boolean | Promise<boolean>)[]} */
const steps = [
  install,
  kernels,
  () => ((hasChromium = chromium()), true),
  () => ((hasFirefox = firefox()), true),
  () => ((hasPostgres = postgres()), true),
  () => ((hasPython = python()), true),
  () => ((hasTurn = turn()), true),
  () => ((hasNats = nats()), true),
  () => ((hasNetns = netns()), true),
  () => ((hasNodes = nodes()), true),
  // Beside the checks: they read nothing of `dist/`.
  () => ((isBuilt = startBeside('ensure.mjs', ['build'])), true),
  () => runTool('formatting', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  () => runTool('lint', 'eslint/bin/eslint.js', ['--config', '.config/eslint.config.js', '.']),
  () => runTool('types', 'typescript/bin/tsc', ['--project', '.']),
  () => isBuilt(),
  () =>
    runTool('tests', 'vitest/vitest.mjs', ['run', '--config', '.config/vitest.config.ts', ...process.argv.slice(2)]),
]

let passed = true
for (const step of steps) passed &&= await step()
// Leaves nothing behind that still runs.
await isBuilt()
const minutes = ((performance.now() - start) / 60_000).toFixed(1)
const without = [
  ...(hasChromium ? [] : ['the browser tests (no Chromium)']),
  ...(hasFirefox ? [] : ['Firefox']),
  ...(hasPostgres ? [] : ['PostgreSQL of its own (no server)']),
  ...(hasPython ? [] : ['the second verifier (no cbor2, cryptography and nacl for Python)']),
  ...(hasTurn ? [] : ['a TURN relay (no coturn)']),
  ...(hasNats ? [] : ['NATS (no nats-server)']),
  ...(hasNodes ? [] : ['Node 22 or 24 (not to be had from npm)']),
  ...(hasNetns ? [] : ['networks with delay, loss and cuts (no namespaces)']),
]
const skipped = without.length === 0 ? '' : `, WITHOUT ${without.join(', ')}`
say(passed ? `npm test: all green in ${minutes} min${skipped}` : `npm test: FAILED after ${minutes} min`)
process.exit(passed ? 0 : 1)
