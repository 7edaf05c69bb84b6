/** The replicas that are registered with a shard: its leader strikes off those that left, and those that are silent. */
import type { Engine } from '@waggle/engine'
import type { Clock, Logger } from '@waggle/kernel'
import { SYSTEM_TENANT } from '@waggle/protocol'
import type { LogStatus } from '../log/jetstream-log.ts'
import type { ReplicaPlace } from '../node/replica-place.ts'
import { silentReplicas } from './strike-off.ts'

export interface ReplicaRollParts {
  readonly shard: number
  readonly node: string
  readonly place: Pick<ReplicaPlace, 'departed'>
  readonly clock: Clock
  readonly logger: Logger
}

export interface RollCall {
  readonly engine: Engine
  /** When each other replica was heard last. */
  readonly heardAtMs: ReadonlyMap<string, number>
  readonly status: Pick<LogStatus, 'bytes' | 'bytesMax'>
}

export class ReplicaRoll {
  readonly #parts: ReplicaRollParts
  #sinceMs = Infinity

  constructor(parts: ReplicaRollParts) {
    this.#parts = parts
  }

  /** A term begins: from now on silence counts. A replica that led said nothing as a replica. */
  begin(): void {
    this.#sinceMs = this.#parts.clock.monotonicMs()
  }

  /** About once a second, while it leads. */
  tick({ engine, heardAtMs, status }: RollCall): void {
    const { node, place, clock } = this.#parts
    const holds = Object.keys(engine.holds())
    for (const replica of place.departed(holds)) this.#strike(engine, replica, 'left')
    const { bytes, bytesMax } = status
    const silence = { holds, self: node, heardAtMs, sinceMs: this.#sinceMs, nowMs: clock.monotonicMs() }
    for (const replica of silentReplicas({ ...silence, bytes, bytesMax })) this.#strike(engine, replica, 'silent')
  }

  #strike(engine: Engine, replica: string, why: 'left' | 'silent'): void {
    const { logger, shard } = this.#parts
    engine.submit({ name: 'maintenance.removeReplica', tenant: SYSTEM_TENANT, fields: { replica } }).then(
      ({ result }) => {
        // The last one stays, and is asked for again: it says so each time.
        if (!(result as { readonly removed: boolean }).removed) return
        if (why === 'left') logger.info('replica has left', { shard, replica })
        else logger.warn('replica is silent: struck off, it comes back through a checkpoint', { shard, replica })
      },
      (error: unknown) => logger.warn('replica is not struck off', { shard, replica, reason: String(error) }),
    )
  }
}
