import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname

/** Every workspace folder is a test project named like the folder, so `vitest run --project engine` works. */
const workspaces = ['libs', 'apps']
  .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`))
  .concat('bench')
  .filter((folder) => existsSync(path.join(root, folder, 'package.json')))

// Workspaces import one another by package name; this condition leads to their sources, so tests need no build.
// The others are Vite's own defaults, which setting any condition replaces.
const conditions = ['@waggle/source', 'module', 'node', 'development|production']

export default defineConfig({
  test: {
    projects: workspaces.map((folder) => ({
      root: path.join(root, folder),
      resolve: { conditions },
      ssr: { resolve: { conditions, externalConditions: conditions } },
      test: {
        name: path.basename(folder),
        environment: 'node',
        include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
        // A property test or an fsync on a busy machine takes seconds; what takes longer hangs.
        testTimeout: 20_000,
        hookTimeout: 20_000,
        pool: 'forks',
      },
    })),
  },
})
