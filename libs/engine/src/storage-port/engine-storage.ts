/** PulseDB's storage port over an engine; `storage-engine.ts` says what it keeps. */
import { fault, invalidField, limits, type TenantId } from '@waggle/protocol'
import type { Engine } from '../engine.ts'
import { activityStorage } from './activity-storage.ts'
import { changeLog } from './change-log.ts'
import { collectiveStorage } from './collective-storage.ts'
import { embeddingStorage, experienceStorage } from './experience-storage.ts'
import { insightStorage } from './insight-storage.ts'
import { relationStorage } from './relation-storage.ts'
import { readStorage } from './storage-rows.ts'
import { StorageSession } from './storage-session.ts'
import { checkStoredDimension } from './sync-commands.ts'
import { syncStorage } from './sync-storage.ts'
import { instanceIdOf } from '../memory/instance.ts'
import type { Storage } from './storage-engine.ts'
import type { DatabaseMetadata } from './storage-records.ts'

export interface StorageConfig {
  /** What the tenant's collectives are meant to have, 1..4096; 384 when absent. It never changes. */
  readonly embeddingDimension?: number | undefined
  /** Refuses every write with `READ_ONLY`; always so over an engine that was opened for reading only. */
  readonly readOnly?: boolean | undefined
}

export interface StorageHost {
  /** Where the engine keeps its files. */
  readonly path?: string
  /** Called by the port's `close`: whoever made the engine for it alone lets go of it here. */
  readonly onClose?: () => Promise<void>
}

/** Of what this port keeps beside the records; another one would be another layout. */
const SCHEMA_VERSION = 1
/** PulseDB's default. */
const DIMENSION_DEFAULT = 384

/**
 * The port over everything that a tenant has in an engine, whatever its log is. The engine stays its owner's: where the
 * log is the fence it must lead, and `close` closes the port alone.
 *
 * Opening for writing is written down: the first time the dimension, each time when it was.
 * @throws Fault `INVALID_FIELD`; `DIMENSION_MISMATCH` where the store has another dimension; `NOT_FOUND` where it is to
 *   be read only and was never opened for writing; those of the engine
 */
export const storageOver = async (
  engine: Engine,
  tenant: TenantId,
  config: StorageConfig = {},
  host: StorageHost = {},
): Promise<Storage> => {
  const { embeddingDimension, readOnly } = checkStorageConfig(config)
  const session = new StorageSession(engine, tenant, { readOnly: readOnly || engine.isReadOnly })
  if (!session.isReadOnly) await session.command('storage.open', { dimension: embeddingDimension })
  const metadata = await metadataOf(session, embeddingDimension)
  let closed: Promise<void> | undefined
  return {
    ...collectiveStorage(session),
    ...experienceStorage(session),
    ...embeddingStorage(session),
    ...relationStorage(session),
    ...insightStorage(session),
    ...activityStorage(session),
    ...changeLog(session),
    ...syncStorage(session, instanceIdOf(engine.generation)),
    ...(session.isReadOnly ? refusals(session) : {}),
    metadata: () => metadata,
    path: () => host.path,
    async close() {
      session.close()
      closed ??= host.onClose?.() ?? Promise.resolve()
      return closed
    },
  }
}

/** Methods that change something. */
const MUTATORS = [
  ...(['saveCollective', 'deleteCollective', 'deleteExperiencesByCollective', 'saveExperience'] as const),
  ...(['updateExperience', 'deleteExperience', 'reinforceExperience', 'saveEmbedding', 'saveRelation'] as const),
  ...(['deleteRelation', 'deleteRelationsForExperience', 'saveInsight', 'deleteInsight'] as const),
  ...(['deleteInsightsByCollective', 'saveActivity', 'deleteActivity', 'deleteActivitiesByCollective'] as const),
  ...(['saveSyncCursor', 'dropSyncCursor', 'compactWalEvents', 'compactWal'] as const),
]

/** Refused whatever they are given, also where there is nothing to change. */
const refusals = (session: StorageSession): Partial<Storage> =>
  Object.fromEntries(
    MUTATORS.map((name) => [
      name,
      async () => {
        session.checkWritable()
        return Promise.resolve()
      },
    ]),
  )

/** The configuration with its defaults. @throws Fault `INVALID_FIELD` that names the option */
export const checkStorageConfig = ({
  embeddingDimension = DIMENSION_DEFAULT,
  readOnly = false,
}: StorageConfig): Required<{ readonly embeddingDimension: number; readonly readOnly: boolean }> => {
  const max = limits.DIMENSION_MAX
  if (!Number.isInteger(embeddingDimension) || embeddingDimension < 1 || embeddingDimension > max)
    throw invalidField('embeddingDimension', `integer 1..${max}`, { min: 1, max })
  if (typeof readOnly !== 'boolean') throw invalidField('readOnly', 'boolean')
  return { embeddingDimension, readOnly }
}

const metadataOf = async (session: StorageSession, dimension: number): Promise<DatabaseMetadata> => {
  const row = await session.read(({ state }) => readStorage(state, session.tenant))
  if (row === undefined)
    throw fault('NOT_FOUND', 'the store was never opened for writing through this port', { entity: 'metadata' })
  checkStoredDimension(row.dimension, dimension)
  const { createdAt, lastOpenedAt } = row
  return Object.freeze({ schemaVersion: SCHEMA_VERSION, embeddingDimension: row.dimension, createdAt, lastOpenedAt })
}
