/**
 * Installs a nats-server into the cache folder.
 *
 * I1  What is at the target is whole: it is built in a folder of its own and renamed into place.
 * I2  Several processes at once do not break one another. All but one wait for the first; the lock only saves work, so
 *     one that was left behind by a dead process, or is held too long, is passed over.
 */
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { errorText, runCommand, type Environment } from './command.ts'
import { poll, type Waiting } from '@waggle/kernel'
import { INSTALLED_VERSION } from './version.ts'

/** Measured 76 s on two busy cores with nothing cached; a slow line may need much longer. */
const BUILD_MS_MAX = 600_000
const LOCK_POLL_MS = 250

export interface InstallOptions extends Waiting {
  /** Path of the `go` command. */
  readonly go: string
  /** Where the binary goes. */
  readonly target: string
  /** Whether what is at the target already does. */
  readonly isThere: () => Promise<boolean>
  readonly environment: Environment
}

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

const tryLock = async (lock: string): Promise<boolean> => {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** True when nobody that lives holds the lock. A file that is still empty is being written. */
const isAbandoned = async (lock: string): Promise<boolean> => {
  try {
    const pid = Number(await readFile(lock, 'utf8'))
    return pid > 0 && !isRunning(pid)
  } catch {
    return true
  }
}

const build = async ({ go, target, environment }: InstallOptions): Promise<string | undefined> => {
  const folder = await mkdtemp(path.join(path.dirname(target), 'building-'))
  try {
    const variables = { ...environment, CGO_ENABLED: '0', GOBIN: folder }
    const module = `github.com/nats-io/nats-server/v2@v${INSTALLED_VERSION}`
    const options = { environment: variables, folder, durationMsMax: BUILD_MS_MAX }
    const { ok, why } = await runCommand(go, ['install', module], options)
    if (!ok) return why
    // I1
    await rename(path.join(folder, 'nats-server'), target)
    return undefined
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** `go install`, once however many ask for it at the same time. Gives why it failed; `undefined` when it did not. */
export const installWithGo = async (options: InstallOptions): Promise<string | undefined> => {
  const { target, isThere } = options
  const lock = `${target}.lock`
  try {
    await mkdir(path.dirname(target), { recursive: true })
    // I2
    const turn = await poll(options, { everyMs: LOCK_POLL_MS, durationMsMax: BUILD_MS_MAX }, async () => {
      if (await tryLock(lock)) return 'locked' as const
      if (await isThere()) return 'done' as const
      if (await isAbandoned(lock)) await rm(lock, { force: true })
      return undefined
    })
    if (turn === 'done') return undefined
    try {
      return (await isThere()) ? undefined : await build(options)
    } finally {
      await rm(lock, { force: true })
    }
  } catch (error) {
    return errorText(error)
  }
}
