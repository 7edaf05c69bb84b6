/**
 * The engine over a folder of this machine: what `openWaggle` opens.
 *
 * ```
 * <path>/lock           who holds the folder
 * <path>/state/         LevelDB: log rows, state, journal, outcomes
 * <path>/acknowledged   the last sequence that anyone was told of (K2)
 * <path>/indexes/       graphs of large indexes: a cache
 * ```
 *
 * O1  The folder is locked before anything in it is read, and the files are verified before LevelDB touches them.
 * O2  A state that ends below the acknowledged sequence, or belongs to another life of the folder, is `CORRUPT`: it is
 *     never opened as if it were all there was.
 * O3  Whatever opening had taken is given back when it fails.
 * O4  Who goes on without acknowledged writes begins another life: their sequences will be given to other records, so a
 *     token that names them is `GENERATION_CHANGED`, never taken for one of those.
 * O5  Who only reads makes no folder and takes no write, but holds the lock like everyone: LevelDB has one process.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import {
  hexOf,
  type Clock,
  type Fault,
  type IdSource,
  type Logger,
  type Random,
  type Span,
  type Timers,
} from '@waggle/kernel'
import { fault, generationFrom, invalidField, type Generation, type Sequence, type TenantId } from '@waggle/protocol'
import type { StateDigest } from '../digest.ts'
import { Engine, type Reply } from '../engine.ts'
import { engineFault } from '../errors.ts'
import { GraphHost, type GraphFolder } from '../index/graph/graph-host.ts'
import { EmbeddedLog } from '../log/embedded-log.ts'
import { encodePosition, initialPosition, readPosition, type Position } from '../recovery/position.ts'
import type { EngineSettings } from '../settings.ts'
import { positionKey } from '../state/keyspace.ts'
import { openAcknowledgedFile, type AcknowledgedFile } from '../store/acknowledged-file.ts'
import { makeDurableDirectory } from '../store/durable-directory.ts'
import { acquireFolderLock } from '../store/folder-lock.ts'
import type { StoreSnapshot } from '../store/key-value-store.ts'
import { openLevelStore, type LevelStore } from '../store/level-store.ts'

export interface EmbeddedOptions {
  /** The folder; made when it is absent. */
  readonly path: string
  /** Goes on without acknowledged writes that the state has lost (O2). */
  readonly acceptLoss: boolean
  /** Opens a store that is there, for reading only. */
  readonly readOnly?: boolean
  readonly settings?: EngineSettings
  /** Memory for blocks of the state, bytes. */
  readonly cacheBytes?: number
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
}

export interface EmbeddedEngine {
  /** For ports that speak to it otherwise than by operations; it is closed by `close` alone. */
  readonly engine: Engine
  /** @throws Fault */
  execute(tenant: TenantId, operation: string, body: unknown, span?: Span): Promise<Reply>
  digest(): Promise<StateDigest>
  /** The state at this moment; to be closed before the engine is. */
  snapshot(): StoreSnapshot
  /** Waits for what was accepted; a second call waits for the first. */
  close(): Promise<void>
}

/** @throws Fault `DATABASE_LOCKED`, `CORRUPT`, `FORMAT_UNSUPPORTED`, `STORAGE_FAILED`; `INVALID_FIELD` for the path */
export const openEmbeddedEngine = async (options: EmbeddedOptions): Promise<EmbeddedEngine> => {
  const release = new Releases()
  try {
    if (options.readOnly === true) await requireStore(options.path)
    else await makeFolder(options.path)
    const lock = await acquireFolderLock(options.path, options.random)
    release.add(() => lock.release())
    const acknowledged = openAcknowledgedFile(join(lock.folder, 'acknowledged'))
    release.add(() => acknowledged.close())
    const isNew = acknowledged.sequence === undefined
    const store = await openLevelStore(join(lock.folder, STATE_FOLDER), {
      createIfMissing: isNew,
      ...(options.cacheBytes === undefined ? {} : { cacheBytes: options.cacheBytes }),
    })
    release.add(() => store.close())
    const found = readPosition(store) ?? (await firstPosition(store, acknowledged, options.random))
    const position = await judge(found, store, acknowledged, options)
    const graphs = new GraphHost(options.logger)
    release.add(() => graphs.close())
    const engine = await openEngine({ store, position, acknowledged, graphs: graphs.folder(lock.folder) }, options)
    release.add(() => engine.close())
    return {
      engine,
      execute: (tenant, operation, body, span) => engine.execute(tenant, operation, body, span),
      digest: () => engine.digest(),
      snapshot: () => store.snapshot(),
      close: () => release.all(),
    }
  } catch (error) {
    await release.all()
    throw error
  }
}

export const STATE_FOLDER = 'state'

/** O5. @throws Fault `NOT_FOUND` */
const requireStore = async (path: string): Promise<void> => {
  const isThere = await access(join(path, STATE_FOLDER)).then(
    () => true,
    () => false,
  )
  if (!isThere) throw fault('NOT_FOUND', `there is no store in that folder path=${path}`, { field: 'path', path })
}

/** O3: gives back in the opposite order what was taken, also when one of them fails; once, however often asked. */
class Releases {
  readonly #releases: (() => void | Promise<void>)[] = []
  #done: Promise<void> | undefined

  add(release: () => void | Promise<void>): void {
    this.#releases.push(release)
  }

  async all(): Promise<void> {
    this.#done ??= this.#releaseAll()
    return this.#done
  }

  async #releaseAll(): Promise<void> {
    const failures: unknown[] = []
    for (const release of this.#releases.splice(0).reverse())
      try {
        await release()
      } catch (error) {
        failures.push(error)
      }
    if (failures.length > 0) throw failures[0]
  }
}

const makeFolder = async (path: string): Promise<void> => {
  try {
    await makeDurableDirectory(path)
  } catch (cause) {
    throw invalidField('path', 'a folder, or a place where one can be made', { path, cause: String(cause) })
  }
}

/** The position of a folder that was never written to. @throws Fault `CORRUPT` when it was (O2) */
const firstPosition = async (store: LevelStore, acknowledged: AcknowledgedFile, random: Random): Promise<Position> => {
  if (acknowledged.sequence !== undefined) throw lostWrites(1, acknowledged.sequence)
  const position = initialPosition(generationFrom(random.bytes(8)))
  await store.write([{ key: positionKey(), value: encodePosition(position) }], { sync: true })
  return position
}

/**
 * O2, O4. The position to go on from; afterwards the file names its generation and a sequence that the state has.
 * @throws Fault `CORRUPT`
 */
const judge = async (
  position: Position,
  store: LevelStore,
  acknowledged: AcknowledgedFile,
  { acceptLoss, logger, path, random }: EmbeddedOptions,
): Promise<Position> => {
  const loss = lossOf(position, acknowledged)
  if (loss !== undefined && !acceptLoss) throw loss
  if (loss !== undefined) logger.warn('going on with what is there', { path, loss: loss.message })
  if (acknowledged.sequence === undefined && position.applied > 0)
    logger.warn('the file of acknowledgements was absent or damaged and is made anew', { path })
  const judged = loss === undefined ? position : { ...position, generation: generationFrom(random.bytes(8)) }
  if (loss !== undefined) await store.write([{ key: positionKey(), value: encodePosition(judged) }], { sync: true })
  acknowledged.write(judged.applied, Buffer.from(judged.generation, 'hex'))
  return judged
}

/** What the state lacks of what was acknowledged, or `undefined`. */
const lossOf = ({ generation, applied }: Position, acknowledged: AcknowledgedFile): Fault | undefined => {
  const known = acknowledged.generation === undefined ? undefined : (hexOf(acknowledged.generation) as Generation)
  if (known !== undefined && known !== generation)
    return engineFault('CORRUPT', `folder holds the state of another life generation=${generation} expected=${known}`, {
      ...{ generation, expected: known, acceptable: true },
    })
  const promised = acknowledged.sequence ?? 0
  return promised > applied ? lostWrites(applied + 1, promised) : undefined
}

const lostWrites = (from: number, to: number) =>
  engineFault('CORRUPT', `acknowledged writes are missing from=${from} to=${to}`, { from, to, acceptable: true })

interface OpenParts {
  readonly store: LevelStore
  readonly position: Position
  readonly acknowledged: AcknowledgedFile
  readonly graphs: GraphFolder
}

const openEngine = async (
  { store, position, acknowledged, graphs }: OpenParts,
  { clock, timers, ids, logger, settings, readOnly = false }: EmbeddedOptions,
): Promise<Engine> => {
  const log = await EmbeddedLog.open(store, position.generation, position.applied)
  const engine = await Engine.open({
    ...{ log, store, clock, timers, ids, logger, shard: 0, shards: 1, fence: 'folder', readOnly },
    ...(settings === undefined ? {} : { settings }),
    // Who only reads writes no cache either (O5).
    ...(readOnly ? {} : { graphs }),
    onApplied: (sequence: Sequence) => {
      acknowledged.write(sequence)
    },
  })
  await engine.catchUp()
  if (!readOnly) engine.admit()
  return engine
}
