import js from '@eslint/js'
import { createProjectGraphAsync } from '@nx/devkit'
import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

// The boundary rule reads Nx's project graph from a cache and, where there is none, silently checks nothing. So the
// graph is made here first, without a daemon that would outlive the command. (For the same reason nx.json must not name
// @nx/eslint/plugin: to make the graph it would read this file, which waits for the graph.)
process.env.NX_DAEMON = 'false'
await createProjectGraphAsync({ exitOnError: true })

const tests = ['**/*.test.ts', '**/test/**/*.ts', '**/src/testing/**/*.ts']

/** What each layer may import: downwards only. A layer that is not in the list may import nothing. */
const layers = [
  { layer: 'kernel', may: [], packages: [] },
  { layer: 'protocol', may: ['kernel'], packages: ['@msgpack/msgpack'] },
  {
    layer: 'engine',
    may: ['kernel', 'protocol'],
    packages: ['level', '@node-rs/crc32', 'hnswlib-node', 're2js', '@orama/stemmers/*', '@orama/stopwords/*'],
  },
  { layer: 'embedding', may: ['kernel'], packages: [] },
  { layer: 'sdk', may: ['kernel', 'protocol', 'embedding'], packages: ['@opentelemetry/api'] },
  { layer: 'embedded', may: ['kernel', 'protocol', 'engine', 'sdk'], packages: [] },
  { layer: 'nats-server', may: ['kernel'], packages: ['@peculiar/x509', 'reflect-metadata'] },
  { layer: 'cluster', may: ['kernel', 'protocol', 'engine', 'nats-server'], packages: ['@nats-io/*'] },
  {
    layer: 'client',
    may: ['kernel', 'protocol', 'embedding', 'sdk', 'nats-server'],
    packages: ['@nats-io/transport-node'],
  },
  { layer: 'host', may: ['kernel', 'protocol'], packages: ['pino', 'yaml', '@opentelemetry/*'] },
  { layer: 'service', may: ['kernel', 'protocol', 'engine', 'cluster', 'host', 'nats-server'], packages: [] },
  {
    layer: 'local',
    may: ['kernel', 'protocol', 'engine', 'nats-server', 'sdk', 'client'],
    packages: ['@opentelemetry/*'],
  },
  {
    layer: 'app',
    may: ['kernel', 'protocol', 'embedding', 'sdk', 'embedded', 'client', 'local', 'nats-server'],
    packages: ['commander', 'string-width', 'zod', 'bcryptjs'],
  },
  { layer: 'deploy', may: ['*'], packages: ['ajv', 'testcontainers', 'yaml'] },
  { layer: 'bench', may: ['*'], packages: ['*'] },
  { layer: 'faults', may: ['*'], packages: [] },
  { layer: 'simulation', may: ['*'], packages: ['@nats-io/*'] },
]

const boundaries = {
  checkDynamicDependenciesExceptions: ['.*'],
  depConstraints: layers.map(({ layer, may, packages }) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: may.map((name) => (name === '*' ? '*' : `layer:${name}`)),
    // Which files may use the test tools is the business of the restricted imports below.
    allowedExternalImports: [...packages, 'vitest', 'vitest/*', 'fast-check'],
  })),
}

// --- Determinism: time, chance and the environment enter through ports, so that a simulation can own them. ----------

const useClock = 'Take the kernel’s Clock (nowMs, monotonicMs) as a dependency.'
const useTimers = 'Take the kernel’s Timers as a dependency.'
const useRandom = 'Take the kernel’s Random as a dependency.'
const useIds = 'Take the kernel’s IdSource or Random as a dependency; hash with the kernel’s sha256.'
const useConfig = 'Only main.ts reads the environment: take the value as an option.'
const useFetch = 'Take the request function as a dependency; only main.ts binds it to the network.'
const noLocale = 'Order and text must not depend on the machine’s locale: compare code units.'

const nondeterministicGlobals = [
  { name: 'setTimeout', message: useTimers },
  { name: 'setInterval', message: useTimers },
  { name: 'setImmediate', message: useTimers },
  { name: 'performance', message: useClock },
  { name: 'crypto', message: useIds },
  { name: 'fetch', message: useFetch },
  { name: 'global', message: 'Name what you need, so that the other rules can see it.' },
]

const nondeterministicProperties = [
  { object: 'Date', property: 'now', message: useClock },
  { object: 'Math', property: 'random', message: useRandom },
  { object: 'AbortSignal', property: 'timeout', message: useTimers },
  { object: 'process', property: 'env', message: useConfig },
  { object: 'process', property: 'hrtime', message: useClock },
  { object: 'process', property: 'uptime', message: useClock },
  ...['Date', 'Math', 'process', 'AbortSignal'].map((property) => ({
    object: 'globalThis',
    property,
    message: 'Name it without globalThis, so that the other rules can see it.',
  })),
  { property: 'localeCompare', message: noLocale },
  { property: 'toLocaleString', message: noLocale },
  { property: 'toLocaleLowerCase', message: noLocale },
  { property: 'toLocaleUpperCase', message: noLocale },
]

const nondeterministicSyntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: useClock },
  { selector: "CallExpression[callee.name='Date']", message: useClock },
  {
    selector: 'ImportExpression[source.value=/^(node:)?(timers|crypto|perf_hooks|process)(\\u002F|$)/]',
    message: 'Import nothing here that brings time, chance or the environment: take a port of the kernel.',
  },
]

const modules = (names, message, more = {}) =>
  names.flatMap((name) => [name, `node:${name}`]).map((name) => ({ name, message, ...more }))

const cryptoImports = modules(['crypto'], useIds)
const nondeterministicImports = [
  ...modules(['timers', 'timers/promises'], useTimers),
  ...modules(['perf_hooks'], useClock),
  ...modules(['process'], useConfig),
]

// --- Form --------------------------------------------------------------------------------------------------------

const formSyntax = [
  ...[
    "Property[key.name='lastMsgID']",
    "Property[key.value='lastMsgID']",
    "MemberExpression[property.name='lastMsgID']",
    'Literal[value=/^nats-expected-last-msg-id$/i]',
  ].map((selector) => ({
    selector,
    message:
      'Never expect a last message id: one publish with a wrong one stops a replicated stream for good on ' +
      'nats-server 2.14 and 2.15 (docs/adr/0013). The predecessor stands inside the record.',
  })),
  { selector: 'ExportAllDeclaration', message: 'List the public names one by one: export * hides what is public.' },
  { selector: 'TSEnumDeclaration', message: 'Use a union of literals or an `as const` table.' },
]
const namedExports = [
  { selector: 'ExportDefaultDeclaration', message: 'Export by name: one word per concept, everywhere the same.' },
  { selector: "ExportSpecifier[exported.name='default']", message: 'Export by name.' },
]

const testToolImports = {
  paths: ['vitest', 'fast-check'].map((name) => ({
    name,
    message: 'Only tests and src/testing may use the test tools.',
  })),
  patterns: [{ regex: '(^|/)testing(/|$)', message: 'Only tests and src/testing may import what is made for tests.' }],
}

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '**/.nx/**', '**/coverage/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,

  // Everything in TypeScript.
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // An implementation of an asynchronous port is async even where it has nothing to wait for: what it throws must
      // arrive as a rejection.
      '@typescript-eslint/require-await': 'off',
      // Its remedy is the assertion that strict forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // Spreading a string gives its code points, and that is what is meant.
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Types of function form and of index form read better as they are written.
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...formSyntax, ...namedExports],
      'max-lines': ['warn', { max: 400 }],
    },
  },

  // Production code of libraries and applications.
  {
    files: ['libs/*/src/**/*.ts', 'apps/*/src/**/*.ts', 'services/*/src/**/*.ts', 'simulation/src/**/*.ts'],
    ignores: tests,
    rules: {
      'max-lines-per-function': ['error', { max: 80 }],
      'no-restricted-globals': ['error', { globals: nondeterministicGlobals, checkGlobalObject: true }],
      'no-restricted-properties': ['error', ...nondeterministicProperties],
      'no-restricted-syntax': ['error', ...formSyntax, ...namedExports, ...nondeterministicSyntax],
      'no-restricted-imports': [
        'error',
        {
          paths: [...testToolImports.paths, ...nondeterministicImports, ...cryptoImports],
          patterns: testToolImports.patterns,
        },
      ],
    },
  },
  {
    // The one place that hashes: these two are pure functions, unlike the rest of their module.
    files: ['libs/kernel/src/sha256.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            ...testToolImports.paths,
            ...nondeterministicImports,
            ...modules(['crypto'], useIds, { allowImportNames: ['createHash', 'hash'] }),
          ],
          patterns: testToolImports.patterns,
        },
      ],
    },
  },
  {
    // The only real clock, timers and randomness, and the entry files that hand them out.
    files: ['libs/kernel/src/system/**/*.ts', 'apps/*/src/main.ts', 'services/*/src/main.ts', 'simulation/src/main.ts'],
    ignores: tests,
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': ['error', ...formSyntax, ...namedExports],
      'no-restricted-imports': ['error', testToolImports],
    },
  },
  {
    // Limits assert at load how one relates to another; that the answer is known while they stand is the point.
    files: ['**/limits.ts'],
    rules: { '@typescript-eslint/no-unnecessary-condition': 'off' },
  },
  {
    files: ['bench/src/**/*.ts', 'faults/src/**/*.ts'],
    ignores: tests,
    rules: { 'max-lines-per-function': ['error', { max: 80 }], 'no-restricted-imports': ['error', testToolImports] },
  },

  {
    files: tests,
    rules: {
      'max-lines': ['warn', { max: 600 }],
      // A test may reach for what it knows is there; a wrong guess fails the test.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },

  // Configuration and tools: plain Node scripts.
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        ['process', 'console', 'URL', 'Buffer', 'setTimeout', 'clearTimeout', 'fetch', 'module'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
    rules: { 'no-restricted-syntax': ['error', ...formSyntax] },
  },
  {
    files: ['*.config.ts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { parserOptions: { projectService: false } },
    rules: { 'no-restricted-syntax': ['error', ...formSyntax] },
  },
)
