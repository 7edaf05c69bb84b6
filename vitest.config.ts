import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { configDefaults, defineConfig } from 'vitest/config'

const root = import.meta.dirname

/** Every workspace is a test project named like its folder, so that `vitest run --project engine` works. */
const workspaces = ['libs', 'services', 'apps', 'deploy']
  .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`))
  .concat('bench', 'faults', 'simulation')
  .filter((folder) => existsSync(path.join(root, folder, 'package.json')))

// Workspaces import one another by package name; this condition leads to their sources, so tests need no build.
// The others are Vite's own defaults, which setting any condition replaces, but for `module`: packages are loaded by
// Node itself, which does not know it, and some keep there what only bundlers can resolve.
const conditions = ['@waggle/source', 'node', 'development|production']

const tests = ['src/**/*.test.ts', 'test/**/*.test.ts']
const integrationTests = ['**/*.integration.test.ts']

interface Kind {
  readonly suffix: string
  readonly include: string[]
  readonly exclude: string[]
  readonly timeoutMs: number
  readonly groupOrder: number
}

// The limits are for hangs, not for speed: on a machine that does other things at the same time, a property test takes
// 15 s and a series of killed processes 30 s. Integration tests come last, when they have the machine for themselves.
const kinds: Kind[] = [
  { suffix: '', include: tests, exclude: integrationTests, timeoutMs: 60_000, groupOrder: 0 },
  { suffix: '-integration', include: integrationTests, exclude: [], timeoutMs: 180_000, groupOrder: 1 },
]

const project = (folder: string, { suffix, include, exclude, timeoutMs, groupOrder }: Kind) => ({
  root: path.join(root, folder),
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    name: path.basename(folder) + suffix,
    environment: 'node',
    include,
    exclude: [...configDefaults.exclude, '**/dist/**', ...exclude],
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
    pool: 'forks' as const,
    sequence: { groupOrder },
  },
})

export default defineConfig({
  // Integration tests mostly wait for processes: two files at a time take half as long as one, also on two cores
  // (measured: 356 s against 690 s), where Vitest by itself would run one.
  test: { maxWorkers: 2, projects: workspaces.flatMap((folder) => kinds.map((kind) => project(folder, kind))) },
})
