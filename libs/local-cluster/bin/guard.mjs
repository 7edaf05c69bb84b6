/**
 * Ends the processes of a cluster when the one that started them died without a word.
 *
 * A process of its own, started with the configuration files of the nats-servers as arguments, and with a pipe to its
 * parent as standard input. The parent writes one line of JSON for each child, `{ "pid", "startedAt", "role" }`, and
 * `{ "over": true }` when nothing is left to guard.
 *
 * U1  The end of the pipe without that word means that the parent is dead: nobody can forget to say it.
 * U2  Services see the end of their own pipes and drain; those that do not are told to (SIGTERM), then killed. The
 *     server comes last, for a drain needs it.
 * U3  A pid alone is no process: one that was reused has another time of birth, and is left alone.
 * U4  A server whose pid the parent did not live to tell is known by its configuration file.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { createInterface } from 'node:readline'

const DRAIN_MS_MAX = 5_000
const TERM_MS_MAX = 3_000
const SERVER_MS_MAX = 8_000
const POLL_MS = 25

const configFiles = process.argv.slice(2)
const children = new Map()
let isOver = false

const read = (file) => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

/** State and start time out of `/proc`; behind the last bracket, for a command may contain anything. */
const processOf = (pid) => {
  const stat = read(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0], startedAt: Number(fields[19]) }
}

const hasProc = processOf('self') !== undefined

/** U3. */
const isAlive = ({ pid, startedAt }) => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  const found = processOf(pid)
  if (!hasProc || startedAt === null) return true
  return found !== undefined && found.startedAt === startedAt && !'ZX'.includes(found.state)
}

const signal = (targets, name) => {
  for (const target of targets) {
    if (!isAlive(target)) continue
    try {
      process.kill(target.pid, name)
      // One that was halted hears nothing before it goes on.
      if (name === 'SIGTERM') process.kill(target.pid, 'SIGCONT')
    } catch {
      // It has just ended.
    }
  }
}

const allEnded = async (targets, durationMsMax) => {
  const deadlineMs = performance.now() + durationMsMax
  while (targets.some(isAlive)) {
    if (performance.now() > deadlineMs) return false
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return true
}

/** U4. */
const serversOfConfig = () => {
  if (!hasProc) return []
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      const words = read(`/proc/${name}/cmdline`)?.split('\0') ?? []
      return words.includes('-c') && configFiles.some((file) => words.includes(file))
    })
    .map((name) => ({ pid: Number(name), startedAt: processOf(name)?.startedAt ?? null }))
}

/** U2. */
const endAll = async () => {
  const services = [...children.values()].filter(({ role }) => role !== 'nats')
  if (!(await allEnded(services, DRAIN_MS_MAX))) {
    signal(services, 'SIGTERM')
    await allEnded(services, TERM_MS_MAX)
    signal(services, 'SIGKILL')
  }
  const servers = [...[...children.values()].filter(({ role }) => role === 'nats'), ...serversOfConfig()]
  signal(servers, 'SIGTERM')
  await allEnded(servers, SERVER_MS_MAX)
  signal(servers, 'SIGKILL')
}

// What ends the parent may be sent to its whole family; this one goes when its work is done.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => undefined)

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  const message = JSON.parse(line)
  if (message.over === true) isOver = true
  else children.set(message.pid, message)
})
lines.on('close', async () => {
  // U1
  if (!isOver) await endAll()
  process.exit(0)
})
