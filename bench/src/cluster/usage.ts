/** What other processes have used, as far as the system tells (`/proc`); `NaN` where it does not. */
import { readdirSync, readFileSync } from 'node:fs'

const NANOSECONDS_A_MICROSECOND = 1_000

/** Processor time of the threads that a process has now, microseconds. */
export const cpuUsOf = (pid: number): number => {
  try {
    const tasks = readdirSync(`/proc/${pid}/task`)
    const spent = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]))
    return spent.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / NANOSECONDS_A_MICROSECOND
  } catch {
    return Number.NaN
  }
}

/** The most memory that a process has had resident, in MB. */
export const peakRssMbOf = (pid: number): number => {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) / 1024
  } catch {
    return Number.NaN
  }
}
