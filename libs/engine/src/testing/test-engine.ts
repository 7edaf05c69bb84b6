/** An engine over the in-memory log and store, with a clock that stands still until it is moved. */
import {
  silentLogger,
  systemTimers,
  uuidV7Source,
  type Fault,
  type Metrics,
  type Timers,
  type Tracer,
} from '@waggle/kernel'
import { manualClock, seededRandom, type ManualClock } from '@waggle/kernel/testing'
import { DEFAULT_TENANT, generationFrom, type BuiltName } from '@waggle/protocol'
import type { EngineParts } from '../engine-parts.ts'
import { Engine, type Reply } from '../engine.ts'
import type { BatchLog } from '../log/batch-log.ts'
import { MemoryLog, MemoryStream } from '../log/memory-log.ts'
import type { Fence } from '../recovery/replay.ts'
import type { EngineSettings } from '../settings.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { MemoryStore } from '../store/memory-store.ts'

export interface TestEngine {
  readonly engine: Engine
  readonly clock: ManualClock
  readonly stream: MemoryStream
  readonly store: KeyValueStore
  /** Executes for the default tenant. */
  call(operation: BuiltName, body: object): Promise<Reply>
}

export interface TestEngineOptions {
  /** Another replica of the same log. */
  readonly stream?: MemoryStream
  readonly store?: KeyValueStore
  readonly clock?: ManualClock
  readonly timers?: Timers
  readonly seed?: number
  readonly shard?: number
  readonly shards?: number
  readonly fence?: Fence
  /** False: opens a replica that follows, where the log is the fence. */
  readonly lead?: boolean
  readonly onTermEnded?: (reason: Fault) => void
  readonly onCheckpointing?: EngineParts['onCheckpointing']
  readonly settings?: EngineSettings
  readonly metrics?: Metrics
  readonly tracer?: Tracer
  /** 0 when absent: the journal of a deleted collective goes at once. */
  readonly journalRestMs?: number
  /** Wraps the log, to make it slow or faulty. */
  readonly wrapLog?: (log: BatchLog) => BatchLog
}

export const openTestEngine = async (options: TestEngineOptions = {}): Promise<TestEngine> => {
  const random = seededRandom(options.seed ?? 1)
  const clock = options.clock ?? manualClock()
  const stream = options.stream ?? new MemoryStream(generationFrom(random.bytes(8)))
  const store = options.store ?? new MemoryStore()
  const log = new MemoryLog(stream, store)
  const fence = options.fence ?? 'folder'
  const engine = await Engine.open({
    log: options.wrapLog?.(log) ?? log,
    store,
    clock,
    timers: options.timers ?? systemTimers,
    ids: uuidV7Source(clock, random),
    logger: silentLogger,
    shard: options.shard ?? 0,
    shards: options.shards ?? 1,
    fence,
    journalRestMs: options.journalRestMs ?? 0,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
    ...(options.tracer === undefined ? {} : { tracer: options.tracer }),
    ...(options.onCheckpointing === undefined ? {} : { onCheckpointing: options.onCheckpointing }),
    ...(options.onTermEnded === undefined ? {} : { onTermEnded: options.onTermEnded }),
  })
  await engine.catchUp()
  if (fence === 'folder') engine.admit()
  else if (options.lead !== false) await engine.lead()
  return { engine, clock, stream, store, call: (operation, body) => engine.execute(DEFAULT_TENANT, operation, body) }
}
