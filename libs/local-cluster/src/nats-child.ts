/** A server of a local cluster as a supervised child: each further life has the port and the store of the first. */
import type { Logger, Waiting } from '@waggle/kernel'
import {
  knowsSyncInterval,
  readFrozenStream,
  startNatsServer,
  STORE_BYTES_MAX,
  type FoundServer,
  type RunningServer,
  type ServerCluster,
  type ServerUser,
} from '@waggle/nats-server'
import type { Durability } from '@waggle/protocol'
import type { ClusterUsers } from './cluster-users.ts'
import { identityOf } from './process-identity.ts'
import { watchStore } from './store-watch.ts'
import type { Life } from './supervised-child.ts'

export interface NatsChildOptions extends Waiting {
  readonly binary: FoundServer
  readonly folder: string
  readonly port: number
  readonly users: ClusterUsers
  readonly logger: Logger
  /** `synced`: each write is on the disk before it is acknowledged. */
  readonly durability: Durability
  readonly serverName: string
  /** Its place among several servers. */
  readonly cluster?: ServerCluster
}

export const natsLives = (options: NatsChildOptions): (() => Promise<Life>) => {
  let server: RunningServer | undefined
  return async () => {
    if (server === undefined) server = await startNatsServer(serverOptions(options))
    else await server.restart()
    return lifeOf(server, options)
  }
}

const serverOptions = ({ users, logger, ...options }: NatsChildOptions) => {
  const { binary, folder, port, clock, timers, serverName, cluster } = options
  const isSynced = options.durability === 'synced' && knowsSyncInterval(binary.version)
  if (!isSynced && options.durability === 'synced')
    logger.warn('this nats-server cannot sync before it acknowledges: a power cut may take a minute of writes', {
      version: binary.version,
      path: binary.path,
    })
  return {
    ...{ binary, folder, port, clock, timers },
    serverName,
    ...(cluster === undefined ? {} : { cluster }),
    jetstream: { fileBytesMax: STORE_BYTES_MAX, ...(isSynced ? { syncInterval: 'always' } : {}) },
    users: users.all satisfies readonly ServerUser[],
    noAuthUser: users.nobody,
    systemUser: users.system,
    isOwnGroup: true,
  }
}

const lifeOf = (server: RunningServer, { users, folder, timers, logger }: NatsChildOptions): Life => {
  const { ended, pid, port } = server
  const { user, password } = users.system
  const cancelWatch = watchStore({
    ...{ folder, timers, logger },
    readFrozen: () => readFrozenStream({ host: new URL(server.url).hostname, port, user, password, timers }),
    end: () => server.stop(),
  })
  void ended.then(cancelWatch)
  return {
    identity: identityOf(pid),
    port,
    ended: ended.then(({ code, signal }) => signal ?? `exit code ${code ?? 'unknown'}`),
    async end() {
      await server.stop()
      return (await ended).signal !== 'SIGKILL'
    },
  }
}
