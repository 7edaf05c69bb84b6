/**
 * The command. Before anything of production is loaded, hooks are set that let the simulation count the cells of state
 * tables, and put a mutant in the place of a part.
 */
import { register } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Cells } from './composition/cells.ts'
import { commandWords } from './run/command-words.ts'

const words = commandWords(process.argv.slice(2))
register('./composition/module-hooks.js', import.meta.url, { data: { mutant: words.mutant } })
// Modules say which cells they have when they are loaded.
const cells = new Cells()
cells.install()
const { runCommand } = await import('./run/command.ts')
const code = await runCommand({
  words,
  cells,
  main: fileURLToPath(import.meta.url),
  print: (line) => process.stdout.write(`${line}\n`),
  onStray: (take) => {
    process.on('unhandledRejection', take)
    process.on('uncaughtException', take)
  },
})
process.exit(code)
