import { openEmbeddedEngine, type EmbeddedEngine } from '@waggle/engine'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Logger } from '@waggle/kernel'
import { DEFAULT_TENANT, decodeTenant, fault, invalidField, type TenantId } from '@waggle/protocol'
import { Waggle, type Caller, type WaggleParts } from '@waggle/sdk'

export interface OpenOptions extends Pick<WaggleParts, 'embedders' | 'timeoutMs'> {
  /** Folder of the store; made when it is absent. */
  readonly path: string
  /** Whose collectives these are; `default` when absent. */
  readonly tenant?: string | undefined
  readonly logger?: Logger | undefined
  /**
   * Opens a folder that has lost its newest acknowledged writes, which is otherwise `CORRUPT`, and goes on without
   * them. For an operator who has decided to.
   */
  readonly acceptLoss?: boolean | undefined
}

/**
 * Opens a store in this process: no server, no network. An acknowledged write is on the disk.
 * @throws Fault `DATABASE_LOCKED` when a live store holds the folder, `CORRUPT` when it is damaged,
 *   `FORMAT_UNSUPPORTED` when another version wrote it, `INVALID_FIELD`
 */
export const openWaggle = async (options: OpenOptions): Promise<Waggle> => {
  checkOptions(options)
  const { path, tenant = DEFAULT_TENANT, logger = silentLogger, embedders, timeoutMs, acceptLoss = false } = options
  const owner = decodeTenant(tenant)
  const ports = { clock: systemClock, timers: systemTimers, ids: systemIds }
  const engine = await openEmbeddedEngine({ path, logger, acceptLoss, random: systemRandom, ...ports })
  try {
    return new Waggle({
      caller: engineCaller(engine, owner),
      ...ports,
      ...(embedders === undefined ? {} : { embedders }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  } catch (error) {
    await engine.close()
    throw error
  }
}

const OPTIONS = ['path', 'tenant', 'logger', 'embedders', 'timeoutMs', 'acceptLoss']

/** A misspelt tenant would open another one's collectives, and any text accepts a loss. @throws Fault */
const checkOptions = (options: unknown): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw invalidField('options', 'map')
  const { path, acceptLoss, logger } = options as Record<string, unknown>
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) {
    const field = unknown.slice(0, 100)
    throw fault('UNKNOWN_FIELD', `unknown option field=${field}`, { field })
  }
  if (typeof path !== 'string' || path === '') throw invalidField('path', 'the path of a folder')
  if (acceptLoss !== undefined && typeof acceptLoss !== 'boolean') throw invalidField('acceptLoss', 'boolean')
  if (logger !== undefined && (typeof logger !== 'object' || logger === null)) throw invalidField('logger', 'a logger')
}

const engineCaller = (engine: EmbeddedEngine, tenant: TenantId): Caller => ({
  call: (operation, body) => engine.execute(tenant, operation, body),
  close: () => engine.close(),
})
