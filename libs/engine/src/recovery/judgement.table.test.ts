import type { Uuid } from '@waggle/kernel'
import type { Generation, LogRecord, Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { standingOf, verdicts, type JudgementState, type RecordStanding, type Verdict } from './judgement.ts'

const generation = '00000000000000aa' as Generation
const term = { sequence: 5 as Sequence, id: '00000000-0000-7000-8000-000000000005' as Uuid }
const otherTerm = { sequence: 3 as Sequence, id: '00000000-0000-7000-8000-000000000003' as Uuid }
const hashOf = (sequence: number): Uint8Array => new Uint8Array(32).fill(sequence)
const tip = { sequence: 8 as Sequence, hash: hashOf(8) }
const soFar = { generation, tip, epoch: term }

const recordAt = (position: number, changes: Partial<LogRecord> = {}): LogRecord => ({
  generation,
  position: position as Sequence,
  epoch: term,
  previous: tip,
  batchId: '00000000-0000-7000-8000-0000000000ff' as Uuid,
  part: { index: 0, count: 1 },
  timeMs: 1,
  payload: new Uint8Array(),
  ...changes,
})

const previous = (sequence: number, hash = hashOf(sequence)): Partial<LogRecord> => ({
  previous: { sequence: sequence as Sequence, hash },
})
const newTerm = (sequence: number) => ({
  epoch: { sequence: sequence as Sequence, id: '00000000-0000-7000-8000-00000000000b' as Uuid },
})

/** What stands at a sequence, what is held before it, and how it stands. */
const cases: readonly [
  string,
  LogRecord | 'format' | 'checksum' | 'missing',
  number,
  number | undefined,
  RecordStanding,
][] = [
  ['J1 the next record of the term', recordAt(9), 9, undefined, 'follows'],
  ['J1 the next one after skipped records', recordAt(12), 12, undefined, 'follows'],
  ['J1 a barrier that follows', recordAt(9, newTerm(9)), 9, undefined, 'follows'],
  ['J2 one of the term with another predecessor', recordAt(9, previous(7)), 9, undefined, 'contradicts'],
  ['J2 one of the term with another hash', recordAt(9, previous(8, hashOf(1))), 9, undefined, 'contradicts'],
  ['J2 one of the term at another position', recordAt(10), 9, undefined, 'contradicts'],
  [
    'J2 a barrier at its position with another hash',
    recordAt(9, { ...newTerm(9), ...previous(8, hashOf(1)) }),
    9,
    undefined,
    'contradicts',
  ],
  ['J3 one of an older term', recordAt(9, { epoch: otherTerm }), 9, undefined, 'foreign'],
  [
    'J3 one of the term’s sequence with another id',
    recordAt(9, { epoch: { ...otherTerm, sequence: term.sequence } }),
    9,
    undefined,
    'foreign',
  ],
  ['J3 a barrier at another position', recordAt(10, newTerm(10)), 11, undefined, 'foreign'],
  [
    'J3 one of another generation',
    recordAt(9, { generation: '00000000000000bb' as Generation }),
    9,
    undefined,
    'foreign',
  ],
  ['J4 damaged bytes', 'checksum', 9, undefined, 'unreadable'],
  ['J4 nothing at all', 'missing', 9, undefined, 'unreadable'],
  ['F5 an unknown format', 'format', 9, undefined, 'unsupported'],
  ['J4 one that follows the tip over lost ones', recordAt(11), 11, 9, 'follows'],
  ['J4 one that names a lost one as its predecessor', recordAt(11, previous(10)), 11, 9, 'namesLost'],
  [
    'J4 a barrier that names a lost one as its predecessor',
    recordAt(11, { ...newTerm(11), ...previous(10) }),
    11,
    9,
    'namesLost',
  ],
  ['J4 one of a term that began among the lost', recordAt(11, { ...newTerm(9), ...previous(10) }), 11, 9, 'namesLost'],
  ['J4 one of an older term tells nothing', recordAt(11, { epoch: otherTerm }), 11, 9, 'foreign'],
  ['J2 one of the term that names neither', recordAt(11, previous(7)), 11, 9, 'contradicts'],
]

describe('the standing of a record', () => {
  test.each(cases)('L2 %s', (_, record, sequence, heldFrom, standing) => {
    expect(standingOf(record, sequence as Sequence, soFar, heldFrom as Sequence | undefined)).toBe(standing)
  })
})

const expected: Record<JudgementState, Record<RecordStanding, Verdict>> = {
  intact: {
    follows: 'apply',
    contradicts: 'diverged',
    foreign: 'skip',
    namesLost: 'diverged',
    unreadable: 'hold',
    unsupported: 'unsupported',
  },
  suspect: {
    follows: 'release',
    contradicts: 'diverged',
    foreign: 'hold',
    namesLost: 'damaged',
    unreadable: 'hold',
    unsupported: 'unsupported',
  },
}

test('L2 J4 the verdict of every cell', () => {
  expect(verdicts).toEqual(expected)
})
