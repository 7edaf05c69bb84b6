/**
 * Purges of logs: each stays below a horizon that was logged before it, and no horizon was logged above a hold that
 * counted then, or above the newest verified checkpoint (P9, DESIGN K1).
 */
import type { LogTruth } from './log-truth.ts'

/** A purge as the servers were asked for it. */
export interface Purge {
  readonly shard: number
  /** What is below goes. */
  readonly below: number
  /** Where the log ended then. */
  readonly last: number
}

interface Body {
  readonly replica?: string
  readonly sequence?: number
}

export const checkPurges = (purges: readonly Purge[], logs: readonly LogTruth[]): readonly string[] =>
  logs.flatMap((log) => {
    const { horizons, findings } = readHorizons(log)
    const ofShard = purges.filter(({ shard }) => shard === log.shard)
    const beyond = ofShard.flatMap(({ below, last }) => {
      const logged = horizons
        .filter(({ at }) => at <= last)
        .reduce((highest, { horizon }) => Math.max(highest, horizon), 0)
      return below <= logged ? [] : [`P9 shard=${log.shard} purged below=${below} with a horizon of ${logged}`]
    })
    return [...findings, ...beyond]
  })

const readHorizons = ({ shard, records }: LogTruth) => {
  const holds = new Map<string, number>()
  const horizons: { readonly at: number; readonly horizon: number }[] = []
  const findings: string[] = []
  let checkpoint = 0
  for (const { sequence: at, entries } of records)
    for (const [kind, body] of entries.flatMap(({ events }) => events)) {
      const { replica = '', sequence = 0 } = body as Body
      if (kind === 'HoldMoved') holds.set(replica, sequence)
      else if (kind === 'ReplicaRemoved') holds.delete(replica)
      else if (kind === 'CheckpointVerified') checkpoint = Math.max(checkpoint, sequence)
      else if (kind === 'LogHorizonMoved') {
        horizons.push({ at, horizon: sequence })
        const limit = Math.min(checkpoint, ...holds.values())
        if (sequence > limit)
          findings.push(`P9 shard=${shard} horizon=${sequence} above what is needed=${limit} at=${at}`)
      }
    }
  return { horizons, findings }
}
