/**
 * Rule B: of two writes of a shard of which one was answered before the other began, it has the lower sequence.
 * Rule D: a read reflects the token that it carried, and a strong one all that was answered before it began.
 *
 * One pass over the history: what has been answered so far is one number a shard.
 */
import { isWrite, type Entry, type Invoked } from '../history/entry.ts'
import type { Violation } from './verdict.ts'

export const checkRealTime = (history: readonly Entry[]): readonly Violation[] => {
  const violations: Violation[] = []
  /** Highest sequence that was answered to a write, by shard, and the shard of each collective. */
  const answered = new Map<number, number>()
  const shardOf = shardsOf(history)
  const begun = new Map<number, { readonly invoked: Invoked; readonly floor: number }>()
  for (const entry of history)
    if (entry.kind === 'invoked') {
      const shard = shardOf.get(entry.collective)
      begun.set(entry.op, { invoked: entry, floor: shard === undefined ? 0 : (answered.get(shard) ?? 0) })
    } else if (entry.kind === 'completed') {
      const start = begun.get(entry.op)
      const { sequence, shard } = entry
      if (start === undefined || sequence === undefined || shard === undefined) continue
      begun.delete(entry.op)
      const { invoked, floor } = start
      if (!isWrite(invoked.name)) {
        const least = Math.max(invoked.floor ?? 0, invoked.consistency === 'strong' ? floor : 0)
        if (invoked.consistency !== 'any' && sequence < least) violations.push(tooOld(invoked, sequence, least))
      } else if (invoked.again === undefined) {
        if (sequence <= floor) violations.push(outOfOrder(invoked, sequence, floor))
        answered.set(shard, Math.max(answered.get(shard) ?? 0, sequence))
      }
    }
  return violations
}

const tooOld = ({ op, name, consistency = 'token' }: Invoked, sequence: number, least: number): Violation => ({
  ...{ rule: 'D', harm: 'stale' },
  what: `operation ${op} (${name}, ${consistency}) was answered from ${sequence}, and had to reflect ${least}`,
})

const outOfOrder = ({ op, name }: Invoked, sequence: number, floor: number): Violation => ({
  ...{ rule: 'B', harm: 'stale' },
  what: `operation ${op} (${name}) has sequence ${sequence}, and began after ${floor} had been answered`,
})

const shardsOf = (history: readonly Entry[]): ReadonlyMap<string, number> => {
  const collectives = new Map<number, string>()
  const shards = new Map<string, number>()
  for (const entry of history)
    if (entry.kind === 'invoked') collectives.set(entry.op, entry.collective)
    else if (entry.kind === 'completed' && entry.shard !== undefined)
      shards.set(collectives.get(entry.op) ?? '', entry.shard)
  return shards
}
