/** Rule F: a key has one result, however often and by whichever way it was sent. */
import type { Answered, Operations } from './operations.ts'
import type { Violation } from './verdict.ts'

export const checkRepetitions = ({ writes, repetitions }: Operations): readonly Violation[] => {
  const firsts = new Map(writes.map((write) => [write.invoked.op, write]))
  return repetitions.flatMap((repetition) => {
    const { op, again = -1, key } = repetition.invoked
    const first = firsts.get(again)
    if (first === undefined || resultOf(first) === resultOf(repetition)) return []
    return [
      {
        ...{ rule: 'F' as const, harm: 'doubled' as const },
        what: `key ${key} had the result ${resultOf(first)}, and for operation ${op} ${resultOf(repetition)}`,
      },
    ]
  })
}

const resultOf = ({ sequence, shard, result: { id, applications } }: Answered): string =>
  JSON.stringify([shard, sequence, id, applications])
