import { expect, it } from 'vitest'
import { pausesOf } from './checker/pauses.ts'
import { Chance } from './chance.ts'
import { wanted } from './command-line.ts'
import type { Entry } from './history/entry.ts'
import { selfTests } from './self-test.ts'

const C = 'hive'
const asked = { lane: 'a', collective: C } as const
const told = { attempts: 1, shard: 0, generation: 'g' } as const
const history: readonly Entry[] = [
  { kind: 'invoked', op: 1, at: 0, ...asked, name: 'record', args: { mark: 'one' }, key: '1' },
  { kind: 'completed', op: 1, at: 10, ...told, sequence: 1, result: { id: 'x' } },
  { kind: 'invoked', op: 2, at: 11, ...asked, name: 'put', args: { mark: 'v1', keys: ['a'] }, key: '2' },
  { kind: 'completed', op: 2, at: 20, ...told, sequence: 2, result: {} },
  { kind: 'fault', at: 30, name: 'kill-leader', phase: 'begin', target: '' },
  { kind: 'invoked', op: 3, at: 31, ...asked, name: 'put', args: { mark: 'v2', keys: ['a'] }, key: '3' },
  { kind: 'completed', op: 3, at: 1_020, ...told, attempts: 2, faults: ['UNAVAILABLE'], sequence: 4, result: {} },
  { kind: 'invoked', op: 4, at: 1_030, ...asked, name: 'values', args: { keys: ['a'] }, consistency: 'any' },
  { kind: 'completed', op: 4, at: 1_040, ...told, sequence: 4, result: { values: { a: 'v2' } } },
  { kind: 'change', collective: C, sequence: 1, index: 0, change: 'created', entity: 'experience', id: 'x' },
  { kind: 'frame', collective: C, sequence: 2, entries: [['a', 'v1']], deleted: [] },
  { kind: 'frame', collective: C, sequence: 4, entries: [['a', 'v2']], deleted: [] },
]

it('one record that is removed, repeated or aged behind the checker is found each time', () => {
  expect(selfTests(history).map(({ name, isFound }) => [name, isFound])).toEqual([
    ['removed', true],
    ['repeated', true],
    ['aged', true],
  ])
})

it('a pause belongs to the fault in whose time writes went on', () => {
  expect(pausesOf(history)).toEqual([
    { fault: 'none', times: 1, operations: 2, acknowledged: 2, longestPauseMs: 10, faults: 0 },
    { fault: 'kill-leader', times: 1, operations: 2, acknowledged: 1, longestPauseMs: 1_000, faults: 1 },
  ])
})

it('a seed decides all choices, and a fork has its own', () => {
  const draw = (chance: Chance): readonly number[] => [chance.below(100), chance.below(100), chance.below(100)]
  expect(draw(new Chance(7))).toEqual(draw(new Chance(7)))
  expect(draw(new Chance(7).fork('a'))).not.toEqual(draw(new Chance(7).fork('b')))
  const one = new Chance(7)
  one.fork('a').below(100)
  expect(draw(one)).toEqual(draw(new Chance(7)))
})

it('the command line: forms, seeds, kinds of faults', () => {
  const seed = () => 5
  expect(wanted([], seed)).toMatchObject({ seed: 5, form: { name: 'full', servers: 3 } })
  expect(wanted(['--short', '--seed', '9'], seed)).toMatchObject({ seed: 9, form: { name: 'short', servers: 1 } })
  expect(wanted(['--self-test'], seed).form.name).toBe('self-test')
  const { form } = wanted(['--only', 'storm,kill-leader', '--seconds', '3'], seed)
  expect([form.kinds.map(({ name }) => name), form.durationMs]).toEqual([['kill-leader', 'storm'], 3_000])
  expect(() => wanted(['--only', 'nonsense'], seed)).toThrow('nonsense')
  expect(() => wanted(['--seed', 'x'], seed)).toThrow('--seed')
})
