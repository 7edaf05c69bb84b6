/** The command `docker`, and whether there is an engine with our images to test. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string
}

export const roles = ['router', 'shard', 'compactor'] as const
export type Role = (typeof roles)[number]

export const imageOf = (role: Role): string => `waggle/${role}:${version}`
export const NATS_IMAGE = 'waggle/nats:2.14.5'
export const VERSION = version

interface Outcome {
  /** `null`: it was killed, or there is no such command. */
  readonly code: number | null
  readonly output: string
  /** What it wrote to the standard error. */
  readonly log: string
}

export const docker = (...args: readonly string[]): Outcome => {
  const { status, error, stdout, stderr } = spawnSync('docker', args, { encoding: 'utf8', maxBuffer: 2 ** 26 })
  return { code: status, output: stdout, log: error?.message ?? stderr }
}

/** What it wrote. @throws Error with what it said when it failed */
export const dockerOutput = (...args: readonly string[]): string => {
  const { code, output, log } = docker(...args)
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${log}`)
  return output.trim()
}

const reason = (): string | undefined => {
  const engine = docker('version', '--format', '{{.Server.Version}}')
  if (engine.code !== 0) return `no Docker engine answers: ${engine.log.trim()}`
  const missing = [...roles.map(imageOf), NATS_IMAGE].filter((image) => docker('image', 'inspect', image).code !== 0)
  return missing.length === 0 ? undefined : `not built (node deploy/docker/build.mjs): ${missing.join(', ')}`
}

/** Why there is nothing to test here; `undefined` where there is. Where the images must be there, it throws instead. */
export const nothingToTest = (): string | undefined => {
  const why = reason()
  if (why === undefined) return undefined
  if (process.env.WAGGLE_TEST_IMAGES === 'required') throw new Error(why)
  process.stderr.write(`images are not tested: ${why}\n`)
  return why
}
