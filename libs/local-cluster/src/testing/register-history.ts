/**
 * What clients saw of one key that is only ever raised: writes of 1, 2, 3, … one after the other, and reads of several
 * kinds beside them, each with the moments between which it happened.
 */

export interface SeenWrite {
  readonly value: number
  readonly sequence: number
  readonly startMs: number
  readonly endMs: number
}

export interface SeenRead {
  readonly kind: 'token' | 'strong' | 'session' | 'any'
  readonly reader: string
  readonly value: number
  /** Of the token that it carried: the value that it must reflect. */
  readonly atLeast?: number
  readonly startMs: number
  readonly endMs: number
}

export interface RegisterVerdict {
  /** P5: reads that did not reflect their token. */
  readonly stale: readonly SeenRead[]
  /** Strong reads that came before what had been acknowledged, or seen by a strong read, before they began. */
  readonly notLinear: readonly SeenRead[]
  /** P5: reads of a client that passes its tokens, older than its read before. */
  readonly backwards: readonly SeenRead[]
  /** Reads of what nobody had begun to write. */
  readonly fromNowhere: readonly SeenRead[]
  /** P4: writes whose sequence does not rise with real time. */
  readonly outOfOrder: readonly SeenWrite[]
}

export const judgeRegister = (writes: readonly SeenWrite[], reads: readonly SeenRead[]): RegisterVerdict => {
  const strong = reads.filter(({ kind }) => kind === 'strong')
  const before = <Seen extends { readonly endMs: number }>(all: readonly Seen[], startMs: number): readonly Seen[] =>
    all.filter(({ endMs }) => endMs < startMs)
  const highest = (seen: readonly { readonly value: number }[]): number =>
    seen.reduce((high, { value }) => Math.max(high, value), 0)
  return {
    stale: reads.filter(({ value, atLeast = 0 }) => value < atLeast),
    notLinear: strong.filter(
      ({ value, startMs }) => value < highest([...before(writes, startMs), ...before(strong, startMs)]),
    ),
    backwards: reads.filter(
      ({ kind, reader, value }, at) =>
        kind === 'session' && value < highest(reads.slice(0, at).filter((read) => read.reader === reader)),
    ),
    fromNowhere: reads.filter(({ value, endMs }) => value > highest(writes.filter(({ startMs }) => startMs <= endMs))),
    outOfOrder: writes.filter((write) =>
      before(writes, write.startMs).some((earlier) => earlier.sequence >= write.sequence),
    ),
  }
}
