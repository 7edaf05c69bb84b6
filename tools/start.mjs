/** `npm start`: from a fresh clone to the running demonstration. Arguments go to it, and so does its exit code. */
import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { root, setUp } from './setup.mjs'
import { buildCommand } from './steps.mjs'

setUp()

// On stderr: what the demonstration prints must be all there is on stdout.
process.stderr.write('building what has changed\n')
const [command, ...args] = buildCommand
const build = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
if (build.status !== 0) process.exit(build.status ?? 1)

const demo = spawn(process.execPath, [`${root}apps/cli/bin/waggle.mjs`, 'demo', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
// A terminal sends its interrupt to both processes; this one waits for the other to put its things away.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => demo.kill('SIGTERM'))
demo.on('error', (error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
demo.on('exit', (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal]
})
