import { decodeSettings, openEmbeddedEngine, type EmbeddedEngine } from '@waggle/engine'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Logger } from '@waggle/kernel'
import { DEFAULT_TENANT, decodeTenant, fault, invalidField, type DecayConfig, type TenantId } from '@waggle/protocol'
import { Waggle, type Caller, type WaggleParts } from '@waggle/sdk'
import { Turns } from './turns.ts'

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
  /** Opens a store that is there and refuses every write with `READ_ONLY`; the folder is locked all the same. */
  readonly readOnly?: boolean | undefined
  /** How energy fades in collectives that do not say it themselves; what is absent is PulseDB's default. */
  readonly decay?: Partial<DecayConfig> | undefined
  /** An agent whose last heartbeat is older is not active; milliseconds, 300,000 when absent. */
  readonly activityStaleMs?: number | undefined
  /** Memory for blocks of the store, in megabytes of 2^20: 1..65,536, 64 when absent. */
  readonly cacheMb?: number | undefined
}

/**
 * Opens a store in this process: no server, no network. An acknowledged write is on the disk.
 * @throws Fault `DATABASE_LOCKED` when a live store holds the folder, `CORRUPT` when it is damaged,
 *   `FORMAT_UNSUPPORTED` when another version wrote it, `NOT_FOUND` when there is nothing to read, `INVALID_FIELD`
 */
export const openWaggle = async (options: OpenOptions): Promise<Waggle> => {
  checkOptions(options)
  const { path, tenant = DEFAULT_TENANT, logger = silentLogger, embedders, timeoutMs, acceptLoss = false } = options
  const { readOnly = false, cacheMb = CACHE_MB_DEFAULT } = options
  const settings = decodeSettings(options)
  const owner = decodeTenant(tenant)
  const ports = { clock: systemClock, timers: systemTimers, ids: systemIds }
  const engine = await openEmbeddedEngine({
    ...{ path, logger, acceptLoss, readOnly, settings, random: systemRandom },
    cacheBytes: cacheMb * MEGABYTE,
    ...ports,
  })
  try {
    return new Waggle({
      caller: engineCaller(engine, owner, new Turns(ports.clock, ports.timers)),
      ...ports,
      ...(embedders === undefined ? {} : { embedders }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  } catch (error) {
    await engine.close()
    throw error
  }
}

const CACHE_MB_DEFAULT = 64
const CACHE_MB_MAX = 65_536
const MEGABYTE = 1 << 20

const OPTIONS = [
  ...['path', 'tenant', 'logger', 'embedders', 'timeoutMs', 'acceptLoss', 'readOnly'],
  ...['decay', 'activityStaleMs', 'cacheMb'],
]

/** A misspelt tenant would open another one's collectives, and any text accepts a loss. @throws Fault */
const checkOptions = (options: unknown): void => {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) throw invalidField('options', 'map')
  const { path, acceptLoss, readOnly, logger, cacheMb = 1 } = options as Record<string, unknown>
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) {
    const field = unknown.slice(0, 100)
    throw fault('UNKNOWN_FIELD', `unknown option field=${field}`, { field })
  }
  if (typeof path !== 'string' || path === '') throw invalidField('path', 'the path of a folder')
  if (acceptLoss !== undefined && typeof acceptLoss !== 'boolean') throw invalidField('acceptLoss', 'boolean')
  if (readOnly !== undefined && typeof readOnly !== 'boolean') throw invalidField('readOnly', 'boolean')
  if (!Number.isInteger(cacheMb) || (cacheMb as number) < 1 || (cacheMb as number) > CACHE_MB_MAX)
    throw invalidField('cacheMb', `integer 1..${CACHE_MB_MAX}`, { min: 1, max: CACHE_MB_MAX })
  if (logger !== undefined && (typeof logger !== 'object' || logger === null)) throw invalidField('logger', 'a logger')
}

const engineCaller = (engine: EmbeddedEngine, tenant: TenantId, turns: Turns): Caller => ({
  call(operation, body, span) {
    // What is begun is begun in the order of the calls; only the answer may come a turn later.
    const answer = engine.execute(tenant, operation, body, span)
    const turn = turns.take()
    return turn === undefined ? answer : Promise.all([answer, turn]).then(([late]) => late)
  },
  close: () => engine.close(),
})
