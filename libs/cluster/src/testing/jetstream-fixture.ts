/** A shard's log over real servers, for tests: connections, directory, logs, and records to append. */
import { openLevelStore, type KeyValueStore } from '@waggle/engine'
import { temporaryFolder } from '@waggle/engine/testing'
import {
  silentLogger,
  systemClock,
  systemIds,
  systemRandom,
  systemTimers,
  type Logger,
  type Uuid,
} from '@waggle/kernel'
import { encodeRecord, GENESIS_TIP, type EncodedRecord, type Generation, type Sequence } from '@waggle/protocol'
import { connect } from '@nats-io/transport-node'
import { Directory, type ClusterOptions, type DirectoryParts } from '../directory/directory.ts'
import type { ShardLog } from '../directory/shard-entry.ts'
import { JetStreamLog, type JetStreamLogParts } from '../log/jetstream-log.ts'
import { jetStreamAccess, type JetStreamAccess, type NatsJetStream } from '../nats/jetstream-access.ts'

export const system = { clock: systemClock, timers: systemTimers, random: systemRandom, logger: silentLogger }

/** A connection as a node has it, which finds a server that comes back soon. */
export const openAccess = async (servers: string | readonly string[]): Promise<NatsJetStream> =>
  jetStreamAccess(
    await connect({
      servers: typeof servers === 'string' ? servers : [...servers],
      timeout: 2_000,
      pingInterval: 1_500,
      maxPingOut: 2,
      maxReconnectAttempts: -1,
      reconnectDelayHandler: () => 50,
      noAsyncTraces: true,
    }),
  )

export const directoryParts = (access: JetStreamAccess, logger: Logger = silentLogger): DirectoryParts => ({
  ...system,
  access,
  logger,
})

/** 32 MiB: enough for a test, and little to set aside. */
export const smallCluster: ClusterOptions = { shards: 8, replicas: 1, logBytesMax: 32 * 1024 ** 2 }

export const openDirectory = (access: JetStreamAccess, options: Partial<ClusterOptions> = {}): Promise<Directory> =>
  Directory.open(directoryParts(access), { ...smallCluster, ...options })

/** Writes nothing down. */
const noStore = { write: () => Promise.resolve() } as unknown as KeyValueStore

/** May try for 10 s from each call on. */
export const openLog = (
  access: JetStreamAccess,
  shardLog: ShardLog,
  parts: Partial<JetStreamLogParts> = {},
): JetStreamLog =>
  new JetStreamLog({
    ...system,
    access,
    shardLog,
    store: noStore,
    mayTryUntilMs: () => systemClock.monotonicMs() + 10_000,
    onTrouble: () => undefined,
    ...parts,
  })

/** A store in a folder of its own. */
export const openStore = async () => {
  const folder = await temporaryFolder()
  const store = await openLevelStore(folder.path)
  const dispose = async (): Promise<void> => {
    await store.close()
    await folder.remove()
  }
  return { store, dispose }
}

export interface RecordOptions {
  readonly payload?: Uint8Array
  readonly batchId?: Uuid
  readonly part?: { readonly index: number; readonly count: number }
}

export const recordAt = (
  generation: Generation,
  position: number,
  {
    payload = Uint8Array.of(0xdc, 0, 0),
    batchId = systemIds.uuid(),
    part = { index: 0, count: 1 },
  }: RecordOptions = {},
): EncodedRecord =>
  encodeRecord({
    generation,
    position: position as Sequence,
    epoch: { sequence: 1 as Sequence, id: '00000000-0000-7000-8000-000000000001' as Uuid },
    previous: GENESIS_TIP,
    batchId,
    part,
    timeMs: 1_700_000_000_000,
    payload,
  })

export const append = (log: JetStreamLog, record: EncodedRecord) =>
  log.append({ record, changes: [], keepFrom: 1 as Sequence })
