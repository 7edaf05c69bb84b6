/** One replica as its node tells of it: to its probes, and in numbers. */
import type { ReadinessCheck } from '../readiness-check.ts'
import type { Standing } from '../replica/hosted-replica.ts'
import type { ShardActor } from '../shard/shard-actor.ts'
import type { ReplicaFigures } from './shard-metrics.ts'

/** `undefined` while it is not open. */
export const figuresOf = (
  { leads, halted, observed: { hosted, log } }: ShardActor,
  shard: number,
): ReplicaFigures | undefined => {
  const { replica } = hosted
  if (replica === undefined) return undefined
  const { engine, checkpoints } = replica
  const told = { shard, applied: engine.position.applied, leads: leads !== undefined, isHalted: halted !== undefined }
  const ofLeader = leads === undefined ? {} : { log: log.status, disk: log.disk, checkpointAgeMs: checkpoints.ageMs() }
  return { ...engine.figures(), ...told, ...ofLeader }
}

const REASONS: Readonly<Record<Exclude<Standing, 'caughtUp'>, string>> = {
  opening: 'its state is not open yet',
  rebuilding: 'its state is built again from a checkpoint',
  catchingUp: 'it has not read its log to the end yet',
}

/**
 * Ready is a replica that has read its log to the end, and one that is built again: that takes long, and the others
 * serve meanwhile. One that has halted is not, for it needs an operator.
 */
export const checkOf = (
  {
    leads,
    halted,
    observed,
  }: Pick<ShardActor, 'leads' | 'halted'> & {
    readonly observed: { readonly hosted: { readonly standing: Standing } }
  },
  shard: number,
): ReadinessCheck => {
  const name = `shard.${shard}`
  const { standing } = observed.hosted
  if (halted !== undefined) return { name, ready: false, reason: `it has halted: ${halted.code}` }
  if (leads !== undefined || standing === 'caughtUp') return { name, ready: true }
  return { name, ready: standing === 'rebuilding', reason: REASONS[standing] }
}
