/** A cluster of containers from our own images, confined as in production: one nats-server and our services. */
import { mkdtempSync, rmSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { serverConfig } from '@waggle/nats-server'
import { API_SUBJECTS, internalPermissions, internalRoles, systemPermissions } from '@waggle/protocol'
import { GenericContainer, Network, Wait, type StartedTestContainer } from 'testcontainers'
import { dockerOutput, imageOf, NATS_IMAGE, type Role } from './docker.ts'

export const SHARDS = 4

/** Whoever the test says it is: every tenant but `default`, which has inboxes of its own. */
export const anyTenant = {
  user: 'any-tenant',
  password: 'any-tenant',
  permissions: { publish: { allow: [API_SUBJECTS] }, subscribe: { allow: ['waggle.inbox.>'] } },
}

const system = { user: 'sys', password: 'sys-password', permissions: systemPermissions() }
const passwordOf = (user: string): string => `${user}-password`

export interface ContainerCluster {
  /** Where clients outside find the server. */
  readonly url: string
  /** The services, in the order of their start. */
  readonly services: readonly StartedTestContainer[]
  /** By its container's name within the cluster: `shard-1`. */
  service(name: string): StartedTestContainer
  stop(): Promise<void>
}

const NATS_PORT = 4222
const HTTP_PORT = 8080
const START_MS_MAX = 90_000

/** A container whose root is read-only, and which has no rights beyond those of its user. */
class ConfinedContainer extends GenericContainer {
  constructor(image: string) {
    super(image)
    this.hostConfig.ReadonlyRootfs = true
    this.withDroppedCapabilities('ALL').withSecurityOpt('no-new-privileges').withTmpFs({ '/tmp': 'rw,mode=1777' })
  }
}

const natsText = (): string =>
  serverConfig({
    ...{ serverName: 'nats', host: '0.0.0.0', port: NATS_PORT },
    jetstream: { storeDir: '/var/lib/nats', syncInterval: 'always' },
    users: [
      ...internalRoles.map((role) => ({
        ...{ user: role, password: passwordOf(role), permissions: internalPermissions[role] },
      })),
      anyTenant,
    ],
    systemUser: system,
  })

/** What each process is told beyond its name and the server; its own password comes as a file. */
const ownVariables: Readonly<Record<Role, Readonly<Record<string, string>>>> = {
  router: {},
  compactor: { WAGGLE_NATS__SYS_USER: system.user, WAGGLE_NATS__SYS_PASSWORD: system.password },
  shard: {
    WAGGLE_NATS__LOG_USER: 'log',
    WAGGLE_NATS__LOG_PASSWORD: passwordOf('log'),
    WAGGLE_CLUSTER__SHARDS: String(SHARDS),
  },
}

/** Files that containers read: by their own user, which is not ours. */
const sharedFolder = (files: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'waggle-containers-'))
  chmodSync(folder, 0o755)
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text, { mode: 0o644 })
  return folder
}

export const startContainerCluster = async (names: readonly `${Role}-${number}`[]): Promise<ContainerCluster> => {
  const passwords = Object.fromEntries(internalRoles.map((role) => [role, passwordOf(role)]))
  const folder = sharedFolder({ ...passwords, 'nats.conf': natsText() })
  const network = await new Network().start()
  const containers: StartedTestContainer[] = []
  const volumes: string[] = []

  const stop = async (): Promise<void> => {
    await Promise.all(containers.map((container) => container.stop({ remove: true, removeVolumes: true })))
    for (const volume of volumes) dockerOutput('volume', 'rm', '--force', volume)
    await network.stop()
    rmSync(folder, { recursive: true, force: true })
  }

  const start = async (container: GenericContainer): Promise<StartedTestContainer> => {
    const started = await container.withNetwork(network).withStartupTimeout(START_MS_MAX).start()
    containers.push(started)
    return started
  }

  const startService = async (name: string): Promise<StartedTestContainer> => {
    const role = name.replace(/-\d+$/, '') as Role
    const mounts = [{ source: path.join(folder, role), target: '/run/secrets/password', mode: 'ro' as const }]
    const container = new ConfinedContainer(imageOf(role))
      .withHostname(name)
      .withEnvironment({
        WAGGLE_NODE: name,
        WAGGLE_NATS__URL: `nats://nats:${NATS_PORT}`,
        WAGGLE_NATS__USER: role,
        WAGGLE_NATS__PASSWORD_FILE: '/run/secrets/password',
        ...ownVariables[role],
      })
      .withExposedPorts(HTTP_PORT)
      .withWaitStrategy(Wait.forHealthCheck())
    if (role !== 'shard') return start(container.withBindMounts(mounts))
    const volume = dockerOutput('volume', 'create')
    volumes.push(volume)
    return start(container.withBindMounts([...mounts, { source: volume, target: '/var/lib/waggle' }]))
  }

  try {
    const nats = await start(
      new GenericContainer(NATS_IMAGE)
        .withNetworkAliases('nats')
        .withBindMounts([{ source: path.join(folder, 'nats.conf'), target: '/etc/nats/nats-server.conf', mode: 'ro' }])
        .withCommand(['--config', '/etc/nats/nats-server.conf'])
        .withExposedPorts(NATS_PORT)
        .withWaitStrategy(Wait.forLogMessage('Server is ready')),
    )
    const services = await Promise.all(names.map(startService))
    return {
      url: `nats://${nats.getHost()}:${nats.getMappedPort(NATS_PORT)}`,
      services,
      service(name) {
        const found = services[names.findIndex((it) => it === name)]
        if (found === undefined) throw new Error(`there is no ${name}`)
        return found
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
