/** PulseDB's storage port over a folder of this machine, which `openWaggle` may open as well, though not at once. */
import type { Clock, IdSource, Logger, Random, Timers } from '@waggle/kernel'
import { DEFAULT_TENANT, decodeTenant, fault, invalidField, isMap } from '@waggle/protocol'
import { openEmbeddedEngine } from '../folder/embedded-engine.ts'
import { checkStorageConfig, storageOver, type StorageConfig } from './engine-storage.ts'
import type { Storage } from './storage-engine.ts'

export interface OpenStorageOptions extends StorageConfig {
  /** The folder; made when it is absent, unless it is only to be read. */
  readonly path: string
  /** Whose collectives these are; `default` when absent. */
  readonly tenant?: string | undefined
  /** Goes on without acknowledged writes that the folder has lost. */
  readonly acceptLoss?: boolean | undefined
}

export interface StoragePorts {
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly ids: IdSource
  readonly logger: Logger
}

/**
 * Opens the folder. Options are checked before anything is.
 * @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD` for the options; as `openEmbeddedEngine` and `storageOver`
 */
export const openStorage = async (options: OpenStorageOptions, ports: StoragePorts): Promise<Storage> => {
  checkOptions(options)
  const { path, tenant = DEFAULT_TENANT, acceptLoss = false, ...config } = options
  const { readOnly } = checkStorageConfig(config)
  const owner = decodeTenant(tenant)
  const embedded = await openEmbeddedEngine({ ...ports, path, acceptLoss, readOnly })
  const close = () => embedded.close()
  try {
    return await storageOver(embedded.engine, owner, config, { path, onClose: close })
  } catch (error) {
    await close()
    throw error
  }
}

const OPTIONS = ['path', 'tenant', 'acceptLoss', 'embeddingDimension', 'readOnly']

const checkOptions = (options: unknown): void => {
  if (!isMap(options)) throw invalidField('options', 'map')
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) {
    const field = unknown.slice(0, 100)
    throw fault('UNKNOWN_FIELD', `unknown option field=${field}`, { field })
  }
  const { path, acceptLoss } = options
  if (typeof path !== 'string' || path === '') throw invalidField('path', 'the path of a folder')
  if (acceptLoss !== undefined && typeof acceptLoss !== 'boolean') throw invalidField('acceptLoss', 'boolean')
}
