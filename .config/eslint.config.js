import eslint from '@eslint/js'
import globals from 'globals'
import tseslint from 'typescript-eslint'
import { roomOrder } from './room-order.js'
import { rooms } from './rooms.js'

const pureRooms = rooms.filter(room => !room.runtime).map(room => `src/${room.name}/**/*.ts`)

/** Everything that a runtime offers and that a port of `base/` stands for, plus the DOM and Node's own globals. */
const portable = new Set(
  (
    'AbortController AbortSignal CompressionStream DecompressionStream DOMException Event EventTarget ' +
    'ReadableStream TextDecoder TextEncoder TransformStream URL URLSearchParams WebAssembly WritableStream ' +
    'atob btoa queueMicrotask structuredClone'
  ).split(' '),
)
const runtimeGlobals = Object.keys({ ...globals.browser, ...globals.node, ...globals.worker })
  .filter(name => !portable.has(name) && !(name in globals.es2024))
  .concat('globalThis')

const dynamicCode = [
  { selector: 'CallExpression[callee.name="eval"]', message: 'no dynamic evaluation' },
  { selector: ':matches(NewExpression, CallExpression)[callee.name="Function"]', message: 'no dynamic evaluation' },
]

export default tseslint.config(
  // AssemblyScript is TypeScript to the parser only: its types are those of WebAssembly.
  { ignores: ['**/dist/', 'coverage/', '.cache/', 'src/**/assembly/', '**/*.generated.ts'] },
  eslint.configs.recommended,
  tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { disallowTypeAnnotations: false, fixStyle: 'inline-type-imports' },
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 280],
      'no-restricted-syntax': ['error', ...dynamicCode],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { rooms: { rules: { order: roomOrder } } },
    rules: {
      'max-lines-per-function': ['error', { max: 60, skipComments: true }],
      'rooms/order': 'error',
    },
  },
  {
    files: [...pureRooms, 'src/index.ts'],
    rules: {
      'no-restricted-globals': ['error', ...runtimeGlobals.map(name => ({ name, message: 'ask for a port instead' }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'ask for a Clock' },
        { object: 'Math', property: 'random', message: 'ask for a Random' },
        { object: 'AbortSignal', property: 'timeout', message: 'ask for Timers' },
      ],
      'no-restricted-syntax': [
        'error',
        ...dynamicCode,
        { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'ask for a Clock' },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    languageOptions: { globals: globals.node },
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
)
