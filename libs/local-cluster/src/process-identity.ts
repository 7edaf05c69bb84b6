/** A process by more than its number, which is used again. */
import { readFileSync } from 'node:fs'

export interface ProcessIdentity {
  readonly pid: number
  /** When it started, in ticks since the boot; `null` where there is no `/proc`. */
  readonly startedAt: number | null
}

/** Behind the last bracket: the command may contain anything. */
const processStat = (pid: number): { readonly state: string; readonly startedAt: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startedAt: Number(fields[19]) }
  } catch {
    return undefined
  }
}

export const identityOf = (pid: number): ProcessIdentity => ({ pid, startedAt: processStat(pid)?.startedAt ?? null })

/** Whether that very process is still there. One that was killed and not yet waited for is not. */
export const isAlive = ({ pid, startedAt }: ProcessIdentity): boolean => {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  if (startedAt === null) return true
  const found = processStat(pid)
  return found?.startedAt === startedAt && !/[ZX]/.test(found.state)
}

/** Whether a value out of a file is an identity. */
export const isIdentity = (value: unknown): value is ProcessIdentity => {
  if (typeof value !== 'object' || value === null) return false
  const { pid, startedAt } = value as Partial<Record<keyof ProcessIdentity, unknown>>
  return Number.isSafeInteger(pid) && (pid as number) > 0 && (startedAt === null || typeof startedAt === 'number')
}
