#!/usr/bin/env node
// Committed, not built: npm links a command only to a file that exists when it installs.
import { existsSync } from 'node:fs'

const main = new URL('../dist/main.js', import.meta.url)

if (existsSync(main)) {
  await import(main.href)
} else {
  process.stderr.write('waggle is not built yet: run "npm run build" first\n')
  process.exitCode = 1
}
