/**
 * The cluster of compose.yaml, held against the images that it names.
 *
 * I5  Each process is told only what it knows, is well configured by it, and has longer to end than its drain takes.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { docker, imageOf, NATS_IMAGE, nothingToTest, roles, type Role } from './docker.ts'

interface ComposeService {
  readonly image: string
  readonly hostname?: string
  readonly environment: Readonly<Record<string, string | number>>
  readonly secrets?: readonly string[]
  /** Such as `30s`. */
  readonly stop_grace_period: string
  readonly read_only: boolean
  readonly user: string
}

const { services } = parse(readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, ComposeService>>
}
const roleOf = (name: string): string => name.replace(/-\d+$/, '')
const isOurs = (name: string): boolean => roles.includes(roleOf(name) as Role)
const ours = Object.entries(services).filter(([name]) => isOurs(name))

describe('the cluster of compose.yaml', () => {
  test('is of our images, none of which writes to its root or runs as root', () => {
    for (const [name, { image, read_only: isReadOnly, user }] of Object.entries(services))
      expect([name, image, isReadOnly, user]).toEqual([
        name,
        isOurs(name) ? imageOf(roleOf(name) as Role) : NATS_IMAGE,
        true,
        '10001:10001',
      ])
    expect(ours).toHaveLength(7)
  })

  test('gives every process a name of its own, and a shard process a host that keeps it', () => {
    for (const [name, { environment, hostname }] of ours) {
      expect(environment.WAGGLE_NODE).toBe(name)
      if (roleOf(name) === 'shard') expect(hostname).toBe(name)
    }
  })
})

const why = nothingToTest()

describe.skipIf(why !== undefined)('a process of compose.yaml', () => {
  let folder: string

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'waggle-compose-'))
    chmodSync(folder, 0o755)
    for (const name of new Set(ours.flatMap(([, { secrets = [] }]) => secrets)))
      writeFileSync(path.join(folder, name), `${name}-password\n`, { mode: 0o644 })
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(ours)('%s: I5 P10 knows all that it is told, and has the time to drain', (_, service) => {
    const set = Object.entries(service.environment).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    const mounts = (service.secrets ?? []).flatMap((name) => ['-v', `${folder}/${name}:/run/secrets/${name}:ro`])
    const confined = ['run', '--rm', '--read-only', '--network=none', ...mounts, ...set, service.image]
    const { code, output, log } = docker(...confined, '--print-config')
    expect([code, log]).toEqual([0, ''])
    // Each value is printed with the variable it came from.
    for (const name of Object.keys(service.environment)) expect(output).toContain(name)
    expect(output).not.toMatch(/-password/)
    const { drain } = parse(output) as { readonly drain: { readonly timeoutMs: number } }
    expect(Number.parseInt(service.stop_grace_period, 10) * 1_000).toBeGreaterThan(drain.timeoutMs)
  })
})
