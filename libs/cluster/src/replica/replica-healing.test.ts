import type { Position } from '@waggle/engine'
import type { Generation, Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { KeptCheckpoint } from '../checkpoint/checkpoint-manifest.ts'
import type { ShardLog } from '../directory/shard-entry.ts'
import { ailmentOf, cureOf, FAR_BEHIND_RECORDS, type Ailment } from './replica-healing.ts'

const OWN = '0123456789abcdef' as Generation
const OTHER = 'fedcba9876543210' as Generation
const log = (firstSequence = 1): ShardLog => ({ shard: 3, generation: OWN, firstSequence }) as unknown as ShardLog
const at = (applied: number, generation = OWN): Position => ({ applied, generation }) as unknown as Position
const kept = (...sequences: number[]): KeptCheckpoint[] =>
  sequences.map((sequence) => ({
    ...{ sequence: sequence as Sequence, generation: OWN, digest: 'd', bytes: 1, node: 'n1', atMs: 1 },
  }))
const bounds = (first: number, last: number) => ({ first: first as Sequence, last: last as Sequence })
const taken = (ailment: Ailment, checkpoints: KeptCheckpoint[], shardLog = log()) => {
  const cure = cureOf(ailment, shardLog, checkpoints)
  if (cure.kind === 'refuse') return `${cure.fault.code} ${cure.fault.message}`
  return cure.kind === 'goOn' ? 'goOn' : cure.candidates.map(({ sequence }) => Number(sequence))
}

describe('where a replica stands', () => {
  test.each([
    ['at the end', at(10), bounds(1, 10), undefined],
    ['new, with the whole log', undefined, bounds(1, 10), undefined],
    ['new, with nothing at all', undefined, bounds(1, 0), undefined],
    ['right before the first record', at(4), bounds(5, 10), undefined],
    ['H1 new, with a purged log', undefined, bounds(2, 10), 'pruned'],
    ['H1 before what was purged', at(3), bounds(5, 10), 'pruned'],
    ['H1 with all of the log purged', at(3), bounds(11, 10), 'pruned'],
    ['a little behind', at(1), bounds(1, FAR_BEHIND_RECORDS + 1), undefined],
    ['H1 far behind', at(1), bounds(1, FAR_BEHIND_RECORDS + 2), 'behind'],
    ['beyond the end, which reading it again decides', at(50), bounds(1, 10), undefined],
    ['H2 of another generation', at(3, OTHER), bounds(1, 10), 'foreign'],
  ] as const)('%s', (_, position, its, expected) => {
    expect(ailmentOf(position, log(), its)?.kind).toBe(expected)
  })
})

describe('what serves', () => {
  const pruned = (applied: number, first: number): Ailment => ({ kind: 'pruned', applied, first })
  const foreign = (applied: number): Ailment => ({ kind: 'foreign', position: at(applied, OTHER) })

  test('H1 any verified checkpoint that the log goes on from, the newest first', () => {
    expect(taken(pruned(3, 10), kept(20, 9, 8))).toEqual([20, 9])
  })

  test('H4 where none does it is said which one would', () => {
    expect(taken(pruned(3, 10), kept(8))).toMatch(
      /^SHARD_NOT_READY .*needs one at or beyond 9 shard=3 applied=3 first=10 newestCheckpoint=8$/,
    )
  })

  test('H1 one that is far behind reads on where no checkpoint is far beyond', () => {
    const behind: Ailment = { kind: 'behind', applied: 10, last: 500_000 }
    expect(taken(behind, kept(400_000))).toEqual([400_000])
    expect(taken(behind, kept(20_000))).toBe('goOn')
    expect(taken(behind, [])).toBe('goOn')
  })

  test('H3 L2 records that cannot be read are passed over by a checkpoint at or beyond them', () => {
    const unreadable: Ailment = { kind: 'unreadable', from: 7, to: 9 }
    expect(taken(unreadable, kept(12, 9, 8))).toEqual([12, 9])
    expect(taken(unreadable, kept(8))).toMatch(/^LOG_DAMAGED /)
  })

  test('H2 K4 another generation gives way to a checkpoint beyond it, and is set aside', () => {
    expect(taken(foreign(5), kept(8, 4))).toEqual([8])
    expect(cureOf(foreign(5), log(), kept(8))).toMatchObject({ setAside: true })
    expect(taken(foreign(50), kept(8))).toMatch(/^STREAM_BEHIND .*applied=50 .*newestCheckpoint=8$/)
    expect(taken(foreign(0), [])).toMatch(/^STREAM_BEHIND /)
  })

  test('H2 K4 also where the new generation begins beyond it', () => {
    expect(taken(foreign(50), kept(108), log(100))).toEqual([108])
  })
})
