/**
 * The steps that prove a checkout, and how one is run: a headline, the time it took, and its output only when it
 * failed. `npm run lint` and `npm test` choose from the same list.
 */
import { spawn } from 'node:child_process'
import { root } from './setup.mjs'

const workspaces = ['libs', 'services', 'apps', 'deploy', 'bench', 'faults', 'simulation']
const tool = (path) => [process.execPath, `${root}node_modules/${path}`]

export const buildCommand = [...tool('typescript/bin/tsc'), '-b', 'tsconfig.build.json']
export const vitest = 'node_modules/vitest/vitest.mjs'

export const buildStep = { name: 'build', command: buildCommand }

/**
 * Everything but the tests, in two lanes that run side by side: ESLint, which reads the types of every file on one
 * core, takes as long as all others together. Tidy comes last: it reads the fault catalogues out of the build.
 */
export const eslintStep = { name: 'lint: eslint', command: [...tool('eslint/bin/eslint.js'), '--max-warnings=0', '.'] }
export const otherLintSteps = [
  { name: 'lint: prettier', command: [...tool('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.'] },
  {
    name: 'lint: dependency-cruiser',
    command: [...tool('dependency-cruiser/bin/dependency-cruise.mjs'), ...workspaces],
  },
  { name: 'lint: assembled modules', command: [process.execPath, 'tools/assemble.mjs', '--check'] },
  { name: 'lint: knip', command: [...tool('knip/bin/knip.js'), '--no-progress', '--no-config-hints'] },
  buildStep,
  { name: 'type-check, tests included', command: [...tool('typescript/bin/tsc'), '-b'] },
  { name: 'lint: tidy', command: [process.execPath, 'tools/tidy.mjs'] },
]

/**
 * Gets the server that tests start; on an empty machine it takes a minute, so it is shown as it goes. After the build,
 * whose library it uses.
 */
export const natsServerStep = {
  name: 'nats-server',
  command: [process.execPath, 'tools/nats-server.mjs'],
  live: true,
}

/** The environment of every step: no colours in a log, and no Nx daemon that outlives the command. */
const environment = () => {
  const variables = { ...process.env, NO_COLOR: '1', NX_DAEMON: 'false', NX_NO_CLOUD: 'true' }
  delete variables.FORCE_COLOR
  return variables
}

/** Runs a command to its end: its exit code and all it wrote, in the order written. `live` also shows it at once. */
const execute = ([command, ...args], live, variables) =>
  new Promise((resolve) => {
    const chunks = []
    const take = (chunk) => {
      chunks.push(chunk)
      if (live) process.stdout.write(chunk)
    }
    const child = spawn(command, args, {
      cwd: root,
      env: { ...environment(), ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    child.on('error', (error) => take(Buffer.from(`${error.message}\n`)))
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() }))
  })

/** Runs one step, told `variables` beside the environment, and reports it; true when it passed. */
export const runStep = async ({ name, command, live = false, variables = {} }) => {
  const startedMs = Date.now()
  if (live) process.stdout.write(`${name}\n`)
  const { code, output } = await execute(command, live, variables)
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1)
  process.stdout.write(`${code === 0 ? 'passed' : 'FAILED'}  ${name}  (${seconds} s)\n`)
  if (code !== 0 && !live) process.stdout.write(`${output.trimEnd()}\n\n`)
  return code === 0
}

/** Runs all that can be said of the sources without running them; gives how many steps passed and failed. */
export const runLint = async () => {
  const lanes = await Promise.all([runSteps([eslintStep]), runSteps(otherLintSteps)])
  const sum = (key) => lanes.reduce((total, lane) => total + lane[key], 0)
  return { passed: sum('passed'), failed: sum('failed') }
}

/** Runs all steps, whatever becomes of one; gives how many passed and failed. */
export const runSteps = async (steps) => {
  const total = { passed: 0, failed: 0 }
  for (const step of steps) total[(await runStep(step)) ? 'passed' : 'failed'] += 1
  return total
}
