/** The checker is fed histories in which one thing is wrong, and must say which. */
import { describe, expect, it } from 'vitest'
import type { Completed, Entry, Invoked } from '../history/entry.ts'
import { judge } from './judge.ts'
import type { Harm, Rule } from './verdict.ts'

const C = 'hive'

const invoked = (op: number, more: Pick<Invoked, 'name' | 'args'> & Partial<Invoked>): Invoked => ({
  ...{ kind: 'invoked', op, at: op * 10, lane: 'a', collective: C },
  ...more,
})

const completed = (op: number, sequence: number, result: Completed['result'] = {}, at = op * 10 + 5): Completed => ({
  ...{ kind: 'completed', op, at, attempts: 1, shard: 0, generation: 'g', sequence, result },
})

const change = (sequence: number, index: number, what: string, id: string, entity = 'experience'): Entry => ({
  ...{ kind: 'change', collective: C, sequence, index, change: what, entity, id },
})

const frame = (sequence: number, entries: readonly (readonly [string, string])[], deleted: readonly string[] = []) =>
  ({ kind: 'frame', collective: C, sequence, entries, deleted }) as const

/** Two records, a use of the first, two puts of one key, a deletion, reads of each kind, watchers, a repetition. */
const good: readonly Entry[] = [
  { kind: 'watched', watcher: 'm', collective: C, store: 'memory' },
  { kind: 'watched', watcher: 'k', collective: C, store: 'keys' },
  invoked(1, { name: 'record', args: { mark: 'one' }, key: '1' }),
  completed(1, 5, { id: 'x' }),
  invoked(2, { name: 'put', args: { mark: 'v1', keys: ['a', 'b'] }, key: '2' }),
  completed(2, 6),
  invoked(3, { name: 'reinforce', args: { id: 'x' }, key: '3' }),
  completed(3, 7, { applications: 1 }),
  invoked(4, { name: 'put', args: { mark: 'v2', keys: ['a'] }, key: '4' }),
  completed(4, 8),
  invoked(5, { name: 'values', args: { keys: ['a', 'b'] }, consistency: 'strong' }),
  completed(5, 8, { values: { a: 'v2', b: 'v1' } }),
  invoked(6, { name: 'values', args: { keys: ['a'] }, consistency: 'any' }),
  completed(6, 7, { values: { a: 'v1' } }),
  invoked(7, { name: 'get', args: { id: 'x' }, consistency: 'token', floor: 7 }),
  completed(7, 8, { experience: { content: 'one', applications: 1 } }),
  invoked(8, { name: 'record', args: { mark: 'two' }, key: '8' }),
  completed(8, 9, { id: 'y' }),
  invoked(9, { name: 'delete', args: { id: 'y' }, key: '9' }),
  completed(9, 10),
  invoked(10, { name: 'count', args: {}, consistency: 'strong' }),
  completed(10, 10, { count: 1 }),
  invoked(11, { name: 'reinforce', args: { id: 'x' }, key: '3', again: 3 }),
  completed(11, 7, { applications: 1 }),
  invoked(12, { name: 'remove', args: { keys: ['b'] }, key: '12' }),
  completed(12, 11),
  invoked(13, { name: 'everything', args: {}, consistency: 'strong' }),
  completed(13, 11, { experiences: { x: { content: 'one', applications: 1 } } }),
  invoked(14, { name: 'allKeys', args: {}, consistency: 'strong' }),
  completed(14, 11, { values: { a: 'v2' } }),
  change(5, 0, 'created', 'x'),
  change(7, 0, 'updated', 'x'),
  change(9, 0, 'created', 'y'),
  change(10, 0, 'deleted', 'y'),
  frame(6, [
    ['a', 'v1'],
    ['b', 'v1'],
  ]),
  frame(8, [['a', 'v2']]),
  frame(11, [], ['b']),
]

const told: readonly Entry[] = good.flatMap((entry): readonly Entry[] =>
  entry.kind === 'change'
    ? [{ ...entry, kind: 'seenChange', watcher: 'm' }]
    : entry.kind === 'frame'
      ? [{ ...entry, kind: 'seenFrame', watcher: 'k' }]
      : [],
)
const digests: readonly Entry[] = ['node-1', 'node-2'].map((node) => ({
  ...{ kind: 'digest', shard: 0, node, sequence: 11, digest: 'd' },
}))
const whole: readonly Entry[] = [...good, ...told, ...digests]

const without = (is: (entry: Entry) => boolean): readonly Entry[] => whole.filter((entry) => !is(entry))
const replaced = (is: (entry: Entry) => boolean, by: (entry: never) => readonly Entry[]): readonly Entry[] =>
  whole.flatMap((entry) => (is(entry) ? by(entry as never) : [entry]))
const ofOperation = (op: number) => (entry: Entry) => entry.kind === 'completed' && entry.op === op
const answer = (op: number, more: Partial<Completed>): readonly Entry[] =>
  replaced(ofOperation(op), (entry: Completed) => [{ ...entry, ...more }])
const isChange = (sequence: number) => (entry: Entry) => entry.kind === 'change' && entry.sequence === sequence
const isFrame = (sequence: number) => (entry: Entry) => entry.kind === 'frame' && entry.sequence === sequence
const isTold = (sequence: number) => (entry: Entry) =>
  (entry.kind === 'seenChange' || entry.kind === 'seenFrame') && entry.sequence === sequence

const bad: readonly (readonly [what: string, history: readonly Entry[], rule: Rule, harm: Harm])[] = [
  ['an acknowledged record is not in the log', without(isChange(5)), 'A', 'lost'],
  ['a record is in the log twice', [...whole, change(12, 0, 'created', 'x')], 'A', 'doubled'],
  ['a record stands elsewhere than its token says', answer(1, { sequence: 4 }), 'A', 'lost'],
  ['an acknowledged batch is not in the log', without(isFrame(8)), 'A', 'lost'],
  ['a batch lacks one of its keys', replaced(isFrame(6), () => [frame(6, [['a', 'v1']])]), 'A', 'lost'],
  ['a batch is in the log twice', [...whole, frame(12, [['a', 'v2']])], 'A', 'doubled'],
  ['a value is in the log that nobody wrote', [...whole, frame(12, [['a', 'forged']])], 'A', 'stale'],
  ['a deletion of a key is not in the log', without(isFrame(11)), 'A', 'lost'],
  ['a use is counted twice', [...whole, change(12, 0, 'updated', 'x')], 'A', 'doubled'],
  ['a use is not counted', without(isChange(7)), 'A', 'lost'],
  [
    'two uses are counted as one',
    [
      ...whole,
      invoked(15, { name: 'reinforce', args: { id: 'x' }, key: '15' }),
      completed(15, 7, { applications: 1 }, 40),
    ],
    'A',
    'lost',
  ],
  ['a deletion is not in the log', without(isChange(10)), 'A', 'lost'],
  [
    'one content is there under two ids',
    answer(13, {
      result: { experiences: { x: { content: 'one', applications: 1 }, z: { content: 'one', applications: 0 } } },
    }),
    'A',
    'doubled',
  ],
  ['a write is refused for good', answer(4, { refusal: 'CORRUPT' }), 'A', 'lost'],
  ['a later write has a lower sequence', answer(8, { sequence: 7 }), 'B', 'stale'],
  ['a read sees an older value', answer(5, { result: { values: { a: 'v1', b: 'v1' } } }), 'C', 'stale'],
  ['a read of any consistency sees what came later', answer(6, { result: { values: { a: 'v2' } } }), 'C', 'stale'],
  ['a read does not find an experience', answer(7, { result: { experience: null } }), 'C', 'stale'],
  [
    'a read counts too few uses',
    answer(7, { result: { experience: { content: 'one', applications: 0 } } }),
    'C',
    'stale',
  ],
  ['a read counts a deleted record', answer(10, { result: { count: 2 } }), 'C', 'stale'],
  ['a deleted key is still there', answer(14, { result: { values: { a: 'v2', b: 'v1' } } }), 'C', 'stale'],
  ['a record is missing at the end', answer(13, { result: { experiences: {} } }), 'C', 'stale'],
  ['a read does not reflect its token', answer(7, { sequence: 6 }), 'D', 'stale'],
  ['a strong read does not reflect what was answered', answer(10, { sequence: 9, result: { count: 2 } }), 'D', 'stale'],
  ['a watcher was not told', without(isTold(7)), 'E', 'lost'],
  ['a watcher was told twice', replaced(isTold(7), (entry) => [entry, entry]), 'E', 'doubled'],
  ['a watcher was told too late', [...without(isTold(8)), ...whole.filter(isTold(8))], 'E', 'stale'],
  [
    'a watcher was told something else',
    replaced(isTold(7), (entry: Entry) => [{ ...entry, id: 'z' } as Entry]),
    'E',
    'stale',
  ],
  ['a watcher was cut off', [...whole, { kind: 'cutOff', watcher: 'm', reason: 'HISTORY_LOST' }], 'E', 'lost'],
  ['a repeated key has another sequence', answer(11, { sequence: 9 }), 'F', 'doubled'],
  ['a repeated key has another result', answer(11, { result: { applications: 2 } }), 'F', 'doubled'],
  [
    'states of replicas differ',
    [...whole, { kind: 'digest', shard: 0, node: 'node-3', sequence: 11, digest: 'other' }],
    'G',
    'stale',
  ],
  ['a log was begun anew', answer(12, { generation: 'another' }), 'H', 'lost'],
]

describe('judge', () => {
  it('finds nothing wrong with a history in which nothing is', () => {
    expect(judge(whole)).toEqual({
      ...{ operations: 14, acknowledged: 7, lost: 0, doubled: 0, stale: 0, violations: [] },
    })
  })

  it('a write whose outcome nobody was told may have happened or not', () => {
    const unanswered = invoked(15, { name: 'put', args: { mark: 'v3', keys: ['c'] }, key: '15' })
    expect(judge([...whole, unanswered]).violations).toEqual([])
    const happened = [
      frame(12, [['c', 'v3']]),
      { ...frame(12, [['c', 'v3']]), kind: 'seenFrame', watcher: 'k' } as const,
    ]
    expect(judge([...whole, unanswered, ...happened]).violations).toEqual([])
  })

  it.each(bad)('%s', (_what, history, rule, harm) => {
    const { violations, ...counts } = judge(history)
    expect(violations.map((violation) => `${violation.rule} ${violation.harm}`)).toContain(`${rule} ${harm}`)
    expect(counts[harm]).toBeGreaterThan(0)
  })
})
