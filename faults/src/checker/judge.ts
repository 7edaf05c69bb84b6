/**
 * The judgement on a history: pure, and one pass over it and over the log for each rule.
 *
 * A  Every acknowledged write stands in the log once, where its token says, as it was written; what was not
 *    acknowledged stands there once at most. None is refused for good.
 * B  Of two writes of a shard of which one was answered before the other began, it has the lower sequence.
 * C  What a read saw is what the model has at the sequence that the read was served at.
 * D  A read reflects the token that it carried, and a strong one all that was answered before it began.
 * E  A watcher saw every change of its collective once and in the order of the log.
 * F  A key has one result, however often and by whichever way it was sent.
 * G  States of one shard at one sequence have one digest.
 * H  A shard's log has one life.
 */
import { isWrite, type Entry } from '../history/entry.ts'
import { checkAcknowledged } from './acknowledged.ts'
import { logOf } from './log.ts'
import { operationsOf } from './operations.ts'
import { checkReads } from './reads.ts'
import { checkRealTime } from './real-time.ts'
import { checkRepetitions } from './repetitions.ts'
import { checkReplicas } from './replicas.ts'
import type { Harm, Verdict, Violation } from './verdict.ts'
import { checkWatchers } from './watchers.ts'

export const judge = (history: readonly Entry[]): Verdict => {
  const operations = operationsOf(history)
  const log = logOf(history)
  const violations: readonly Violation[] = [
    ...operations.refused.map(({ invoked: { op, name }, refusal }) => ({
      ...{ rule: 'A' as const, harm: isWrite(name) ? ('lost' as const) : ('stale' as const) },
      what: `operation ${op} (${name}) was refused: ${refusal}`,
    })),
    ...checkAcknowledged(operations, log),
    ...checkRealTime(history),
    ...checkReads(operations, log),
    ...checkWatchers(history, log),
    ...checkRepetitions(operations),
    ...checkReplicas(history),
  ]
  const count = (harm: Harm): number => violations.filter((violation) => violation.harm === harm).length
  return {
    operations: operations.all.length,
    acknowledged: operations.writes.length,
    ...{ lost: count('lost'), doubled: count('doubled'), stale: count('stale') },
    violations,
  }
}
