/** Who holds a folder, as its lock file says, and whether that process is still alive. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

export interface LockHolder {
  readonly pid: number
  /** When the process started, in ticks since the boot; `null` where there is no `/proc`. A reused pid differs. */
  readonly startedAt: number | null
  /** Names one boot of the machine; `null` where there is no `/proc`. */
  readonly bootId: string | null
  readonly host: string
  /** Names this one taking of the lock; never used twice. */
  readonly token: string
}

/** `foreign`: it runs on another host, of whose processes nothing can be known here. */
export type HolderState = 'alive' | 'dead' | 'foreign'

const readProcFile = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

/**
 * Field 3 (state) and field 22 (start) of `/proc/<pid>/stat`. They are counted behind the last bracket, for field 2 is
 * the command, which may contain anything.
 */
const processStat = (pid: number): { readonly state: string; readonly startedAt: number } | null => {
  const stat = readProcFile(`/proc/${pid}/stat`)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return { state: fields[0] ?? '', startedAt: Number(fields[19]) }
}

const currentBootId = (): string | null => readProcFile('/proc/sys/kernel/random/boot_id')?.trim() ?? null

/** This process, taking the lock under `token`. */
export const currentHolder = (token: string): LockHolder => ({
  pid: process.pid,
  startedAt: processStat(process.pid)?.startedAt ?? null,
  bootId: currentBootId(),
  host: hostname(),
  token,
})

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The holder in the text of a lock file; `undefined` when it is empty, torn or no lock file at all. */
export const decodeLockHolder = (text: string): LockHolder | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!isRecord(value)) return undefined
  const { pid, startedAt, bootId, host, token } = value
  const isComplete =
    Number.isSafeInteger(pid) &&
    (pid as number) > 0 &&
    (startedAt === null || typeof startedAt === 'number') &&
    (bootId === null || typeof bootId === 'string') &&
    typeof host === 'string' &&
    typeof token === 'string' &&
    /^[0-9a-f-]{1,80}$/u.test(token)
  return isComplete ? ({ pid, startedAt, bootId, host, token } as LockHolder) : undefined
}

/** Whether a process with this pid exists at all; one of another user does too. */
const exists = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * A process that is stopped (SIGSTOP) is alive. One that was killed and not yet waited for by its parent is dead: it
 * holds no file any more.
 */
export const stateOfHolder = ({ pid, startedAt, bootId, host }: LockHolder): HolderState => {
  if (host !== hostname()) return 'foreign'
  const boot = currentBootId()
  if (bootId !== null && boot !== null && bootId !== boot) return 'dead'
  if (!exists(pid)) return 'dead'
  const stat = processStat(pid)
  if (stat === null || startedAt === null) return 'alive'
  return stat.startedAt === startedAt && !/[ZX]/u.test(stat.state) ? 'alive' : 'dead'
}
