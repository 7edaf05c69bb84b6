/** The servers' configuration: as `waggle security config` prints it, and as a nats-server takes it. */
import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { findNatsServer } from '@waggle/nats-server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const execute = promisify(execFile)
const root = path.resolve(import.meta.dirname, '..')
const command = path.resolve(root, '../../apps/cli/bin/waggle.mjs')
const hosts = [0, 1, 2].map((ordinal) => `waggle-nats-${ordinal}.waggle-nats`)

/** Where each lies, and what it is made with. */
const variants = [
  { file: 'base/nats/nats-server.conf', hosts, tls: 'none' },
  { file: 'components/mtls/nats-server.conf', hosts, tls: 'mutual' },
  { file: 'overlays/dev/nats-server.conf', hosts: hosts.slice(0, 1), tls: 'none' },
] as const
type Variant = (typeof variants)[number]

const security = async (action: readonly string[], variant: Variant, folder: string): Promise<string> => {
  const setup = ['--hosts', variant.hosts.join(','), '--tls', variant.tls, '--tenants', 'default', '--folder', folder]
  const args = [command, 'security', ...action, ...setup, '--store', '/var/lib/nats']
  return (await execute(process.execPath, args)).stdout
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'waggle-k8s-servers-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** A pod's folder on this machine: what the ConfigMap and the Secrets bring, with the paths of here. */
const podFolder = async (variant: Variant): Promise<string> => {
  const pod = path.join(folder, path.dirname(variant.file).replaceAll('/', '-'))
  await mkdir(pod, { recursive: true })
  await security(['init', pod], variant, '/etc/nats')
  const texts = { 'nats-server.conf': variant.file, 'kubernetes.conf': 'base/nats/kubernetes.conf' }
  for (const [name, file] of Object.entries(texts)) {
    const text = await readFile(path.join(root, file), 'utf8')
    const here = text.replaceAll('/etc/nats', `${pod}/nats`).replaceAll(/\/var\/(lib|run)\/nats/g, pod)
    await writeFile(path.join(pod, 'nats', name), here)
  }
  if (variant.file.startsWith('overlays/dev'))
    await copyFile(path.join(root, 'overlays/dev/passwords.conf'), path.join(pod, 'nats/passwords.conf'))
  return path.join(pod, 'nats')
}

describe.each(variants)('$file', (variant) => {
  test('P12 is what `waggle security config` prints', async () => {
    // Written anew by `npx vitest run --project k8s-integration -u`.
    await expect(await security(['config'], variant, '/etc/nats')).toMatchFileSnapshot(path.join(root, variant.file))
  })

  test('is taken by a nats-server, with the passwords and what a pod adds', async () => {
    const { path: server } = await findNatsServer({ need: 'replicated', environment: process.env })
    const config = path.join(await podFolder(variant), 'kubernetes.conf')
    const env = { ...process.env, NATS_NAME: 'waggle-nats-0' }
    const { stdout, stderr } = await execute(server, ['-t', '-c', config], { env })
    expect(stdout + stderr).toContain('is valid')
  })
})
