/** The operations of a history: what was asked and how it ended, put together from two lines. */
import { isWrite, type Completed, type Entry, type Invoked, type Result } from '../history/entry.ts'

/** An operation that was answered. */
export interface Answered {
  readonly invoked: Invoked
  readonly completed: Completed
  readonly sequence: number
  readonly shard: number
  readonly result: Result
}

export interface Operations {
  readonly all: readonly Invoked[]
  /** Writes that were acknowledged for the first time, in the order of their acknowledgement. */
  readonly writes: readonly Answered[]
  /** Repetitions of such, likewise. */
  readonly repetitions: readonly Answered[]
  readonly reads: readonly Answered[]
  readonly refused: readonly { readonly invoked: Invoked; readonly refusal: string }[]
  /** By their number: of repetitions and of what was never answered, too. */
  readonly byNumber: ReadonlyMap<number, Invoked>
}

export const operationsOf = (history: readonly Entry[]): Operations => {
  const byNumber = new Map<number, Invoked>()
  const writes: Answered[] = []
  const repetitions: Answered[] = []
  const reads: Answered[] = []
  const refused: { invoked: Invoked; refusal: string }[] = []
  for (const entry of history) {
    if (entry.kind === 'invoked') byNumber.set(entry.op, entry)
    if (entry.kind !== 'completed') continue
    const invoked = byNumber.get(entry.op)
    if (invoked === undefined) continue
    const { refusal, sequence, shard, result = {} } = entry
    if (refusal !== undefined) refused.push({ invoked, refusal })
    else if (sequence === undefined || shard === undefined)
      refused.push({ invoked, refusal: 'answered without a token' })
    else {
      const list = !isWrite(invoked.name) ? reads : invoked.again === undefined ? writes : repetitions
      list.push({ invoked, completed: entry, sequence, shard, result })
    }
  }
  return { all: [...byNumber.values()], writes, repetitions, reads, refused, byNumber }
}
