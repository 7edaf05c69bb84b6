/**
 * Makes a checkout ready to work: the right Node, and exactly the packages of the lockfile. Runs before anything is
 * installed, so it depends on Node alone, and keeps to syntax that an old Node can read far enough to be told.
 *
 * What was installed is known by the lockfile's hash in a stamp inside node_modules: a checkout of another branch and
 * back changes times and nothing else.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const lockfile = `${root}package-lock.json`
const stampFile = `${root}node_modules/.waggle-setup`
/** npm's own note of what it installed: newer than the lockfile when somebody ran npm by hand. */
const npmStampFile = `${root}node_modules/.package-lock.json`

/** Whether `module` (its import.meta.url) is the file that Node was started with. */
export const isStartedFile = (module) =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(module)

const checkNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  process.stderr.write(`Waggle needs Node 20.19 or newer; this is ${process.versions.node} (${process.execPath}).\n`)
  process.exit(1)
}

const changedMs = (file) => (existsSync(file) ? statSync(file).mtimeMs : 0)

const isInstalled = (lockHash) => {
  const byHand = changedMs(npmStampFile)
  if (byHand === 0) return false
  if (byHand >= changedMs(lockfile)) return true
  return changedMs(stampFile) >= byHand && readFileSync(stampFile, 'utf8') === lockHash
}

/** The npm that started this script, else the one of the PATH. */
const npm = () => (process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ['npm'])

const install = () => {
  process.stderr.write('installing the packages of package-lock.json\n')
  const [command, ...args] = [...npm(), 'ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}npm ci failed\n`)
  process.exit(1)
}

/** Ends the process with a message where it cannot help. */
export const setUp = () => {
  checkNode()
  const lockHash = createHash('sha256').update(readFileSync(lockfile)).digest('hex')
  if (!isInstalled(lockHash)) install()
  writeFileSync(stampFile, lockHash)
}

if (isStartedFile(import.meta.url)) setUp()
