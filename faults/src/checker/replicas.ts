/**
 * Rule G: states of one shard at one sequence have one digest.
 * Rule H: a shard's log has one life: nothing that was done to the cluster may have begun another one.
 */
import type { Digested, Entry } from '../history/entry.ts'
import { add } from './log.ts'
import type { Violation } from './verdict.ts'

export const checkReplicas = (history: readonly Entry[]): readonly Violation[] => {
  const digests = new Map<string, Digested[]>()
  const generations = new Map<number, Set<string>>()
  for (const entry of history)
    if (entry.kind === 'digest') add(digests, `shard ${entry.shard} at ${entry.sequence}`, entry)
    else if (entry.kind === 'completed' && entry.shard !== undefined && entry.generation !== undefined)
      generations.set(entry.shard, (generations.get(entry.shard) ?? new Set()).add(entry.generation))
  return [
    ...[...digests].flatMap(([place, taken]) => unequal(place, taken)),
    ...[...generations].flatMap(([shard, lives]) => anew(shard, lives)),
  ]
}

const unequal = (place: string, taken: readonly Digested[]): readonly Violation[] => {
  if (new Set(taken.map(({ digest }) => digest)).size < 2) return []
  const told = taken.map(({ node, digest }) => `${node} ${digest}`).join(', ')
  return [{ rule: 'G', harm: 'stale', what: `states of ${place} differ: ${told}` }]
}

const anew = (shard: number, lives: ReadonlySet<string>): readonly Violation[] =>
  lives.size < 2 ? [] : [{ rule: 'H', harm: 'lost', what: `shard ${shard} was begun anew: ${[...lives].join(', ')}` }]
