import { openEmbeddedEngine, type EmbeddedEngine } from '@waggle/engine'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Logger } from '@waggle/kernel'
import { DEFAULT_TENANT, decodeTenant, invalidField, type TenantId } from '@waggle/protocol'
import { Waggle, type Caller, type WaggleParts } from '@waggle/sdk'

export interface OpenOptions extends Pick<WaggleParts, 'embedders' | 'timeoutMs'> {
  /** Folder of the store; made when it is absent. */
  readonly path: string
  /** Whose collectives these are; `default` when absent. */
  readonly tenant?: string
  readonly logger?: Logger
  /**
   * Opens a folder that has lost its newest acknowledged writes, which is otherwise `CORRUPT`, and goes on without
   * them. For an operator who has decided to.
   */
  readonly acceptLoss?: boolean
}

/**
 * Opens a store in this process: no server, no network. An acknowledged write is on the disk.
 * @throws Fault `DATABASE_LOCKED` when a live store holds the folder, `CORRUPT` when it is damaged,
 *   `FORMAT_UNSUPPORTED` when another version wrote it, `INVALID_FIELD`
 */
export const openWaggle = async (options: OpenOptions): Promise<Waggle> => {
  if (typeof options !== 'object' || (options as unknown) === null) throw invalidField('options', 'map')
  const { path, tenant = DEFAULT_TENANT, logger = silentLogger, embedders, timeoutMs, acceptLoss = false } = options
  if (typeof path !== 'string' || path === '') throw invalidField('path', 'the path of a folder')
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

const engineCaller = (engine: EmbeddedEngine, tenant: TenantId): Caller => ({
  call: (operation, body) => engine.execute(tenant, operation, body),
  close: () => engine.close(),
})
