import type { ExperienceId, Sequence } from '@waggle/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SessionOrder } from './session-order.ts'

type Entry = Parameters<SessionOrder['put']>[0]

const idOf = (n: number): ExperienceId => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}` as ExperienceId

const entryOf = (n: number, fields: Partial<Entry> = {}): Entry => ({
  ...{ id: idOf(n), sourceAgent: 'ana', sourceTask: 'task', createdAt: 1_000 },
  address: { sequence: n as Sequence, index: 0 },
  ...fields,
})

const besides = (order: SessionOrder, n: number, sameAgent = false): readonly (number | undefined)[] => {
  const { before, after } = order.beside(idOf(n), sameAgent)
  return [before, after].map((id) => (id === undefined ? undefined : Number(id.slice(-12))))
}

test('O1 by time first, then by address: batches keep their order, restored records find their place', () => {
  const order = new SessionOrder()
  order.put(entryOf(5, { createdAt: 2_000, address: { sequence: 9 as Sequence, index: 0 } }))
  order.put(entryOf(3, { address: { sequence: 7 as Sequence, index: 1 } }))
  order.put(entryOf(4, { address: { sequence: 7 as Sequence, index: 0 } }))
  order.put(entryOf(2, { createdAt: 500, address: { sequence: 8 as Sequence, index: 0 } }))
  expect([2, 4, 3, 5].map((n) => besides(order, n))).toEqual([
    [undefined, 4],
    [2, 3],
    [4, 5],
    [3, undefined],
  ])
})

test('tasks are apart, and what names none, or is not here, stands beside nothing', () => {
  const order = new SessionOrder()
  order.put(entryOf(1))
  order.put(entryOf(2, { sourceTask: 'other' }))
  const { sourceTask: _, ...without } = entryOf(3)
  order.put(without)
  order.put(entryOf(4))
  expect([1, 2, 3, 9].map((n) => besides(order, n))).toEqual([
    [undefined, 4],
    [undefined, undefined],
    [undefined, undefined],
    [undefined, undefined],
  ])
})

test('names cannot be taken for each other', () => {
  const order = new SessionOrder()
  order.put(entryOf(1, { sourceTask: 'a"', sourceAgent: '"b' }))
  order.put(entryOf(2, { sourceTask: 'a', sourceAgent: '""b' }))
  expect(besides(order, 1)).toEqual([undefined, undefined])
  expect(besides(order, 1, true)).toEqual([undefined, undefined])
})

const arbitraryStep = fc.record({
  n: fc.nat(11),
  kind: fc.constantFrom('put', 'put', 'remove'),
  task: fc.constantFrom('one', 'two', undefined),
  agent: fc.constantFrom('ana', 'bo'),
  createdAt: fc.nat(3),
})

test('O1 O2 after any changes, neighbours are those of a plain sorted list', () => {
  fc.assert(
    fc.property(fc.array(arbitraryStep, { maxLength: 40 }), (steps) => {
      const order = new SessionOrder()
      const model = new Map<number, Entry>()
      for (const [at, { n, kind, task, agent, createdAt }] of steps.entries()) {
        const { sourceTask: _, ...fields } = entryOf(n, { sourceAgent: agent, createdAt })
        const entry = {
          ...fields,
          ...(task === undefined ? {} : { sourceTask: task }),
          address: { sequence: at as Sequence, index: 0 },
        }
        model.delete(n)
        if (kind === 'put') model.set(n, entry)
        if (kind === 'put') order.put(entry)
        else order.remove(idOf(n))
        if (at % 3 !== 0) continue
        for (const sameAgent of [false, true])
          for (const asked of model.keys())
            expect(besides(order, asked, sameAgent)).toEqual(naive(model, asked, sameAgent))
      }
    }),
  )
})

const naive = (model: ReadonlyMap<number, Entry>, n: number, sameAgent: boolean): readonly (number | undefined)[] => {
  const { sourceTask, sourceAgent } = model.get(n) as Entry
  if (sourceTask === undefined) return [undefined, undefined]
  const session = [...model]
    .filter(([, entry]) => entry.sourceTask === sourceTask && (!sameAgent || entry.sourceAgent === sourceAgent))
    .sort(([, a], [, b]) => a.createdAt - b.createdAt || a.address.sequence - b.address.sequence)
    .map(([number]) => number)
  const place = session.indexOf(n)
  return [session[place - 1], session[place + 1]]
}

test('P11 what has gone takes nothing', () => {
  const order = new SessionOrder()
  for (let n = 0; n < 10; n += 1) order.put(entryOf(n))
  const { bytes } = order
  order.put(entryOf(3))
  expect(order.bytes).toBe(bytes)
  for (let n = 0; n < 10; n += 1) order.remove(idOf(n))
  order.remove(idOf(3))
  expect(order.bytes).toBe(0)
})
