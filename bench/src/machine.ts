/** Where and on what a figure was measured: without it a figure says nothing. */
import { spawnSync } from 'node:child_process'
import { cpus, loadavg, release, totalmem, type } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryMb: number
  readonly node: string
  readonly kernel: string
}

export const machine = (): Machine => {
  const cores = cpus()
  return {
    cpu: cores[0]?.model.trim() ?? 'unknown',
    cores: cores.length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
    node: process.version,
    kernel: `${type()} ${release()}`,
  }
}

/** Runnable processes over one, five and fifteen minutes: more than cores means that the figures are too bad. */
export const load = (): readonly number[] => loadavg().map((value) => Math.round(value * 100) / 100)

/** The commit of what is measured, `+` behind it when that was changed since; `undefined` outside a repository. */
export const commit = (): string | undefined => {
  const head = git('rev-parse', 'HEAD')
  if (head === undefined) return undefined
  return git('status', '--porcelain', '--', 'bench/src', 'libs', 'services', 'package-lock.json') === ''
    ? head
    : `${head}+`
}

const git = (...args: readonly string[]): string | undefined => {
  const { status, stdout } = spawnSync('git', args, { cwd: import.meta.dirname + '/../..', encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** The most memory that this process has had resident, in MB. */
export const peakRssMb = (): number => process.resourceUsage().maxRSS / 1024
