#!/usr/bin/env node
// Committed, not built: npm links a command only to a file that exists when it installs.
await import(new URL('../dist/main.js', import.meta.url).href)
