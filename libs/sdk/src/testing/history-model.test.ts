import { describe, expect, it } from 'vitest'
import { isExplained, Model, type KeyedWrite, type Write } from './history-model.ts'

const keyed = (write: Write, key: string): KeyedWrite => ({ write, key })

const record = keyed({ kind: 'record', id: 1, content: 'x' }, 'a')
const again = keyed({ kind: 'record', id: 1, content: 'x' }, 'b')
const archive = keyed({ kind: 'archive', id: 1 }, 'c')
const remove = keyed({ kind: 'delete', id: 1 }, 'd')
const all = [record, again, archive, remove]

/** What a store that does them in this order tells and leaves. */
const observed = (order: readonly KeyedWrite[], writes = all) => {
  const model = new Model()
  const told = new Map(order.map((each) => [each, model.take(each)]))
  const left = JSON.stringify(model.records)
  return {
    writes,
    told: writes.map((each) => told.get(each) ?? ''),
    isLeft: (records: Model['records']) => JSON.stringify(records) === left,
  }
}

describe('isExplained', () => {
  it.each([
    ['as sent', all],
    ['in reverse', all.toReversed()],
    ['in between', [again, remove, record, archive]],
  ])('writes that happened once each, %s', (_title, order) => {
    expect(isExplained(observed(order))).toBe(true)
  })

  it('not what no order tells: an id that was given twice and is gone, a version too many', () => {
    const { told, ...others } = observed([record, archive, again, remove])
    expect(isExplained({ ...others, told })).toBe(true)
    expect(isExplained({ ...others, told: told.with(1, told[0] ?? '') })).toBe(false)
    expect(isExplained({ ...others, told: told.with(2, 'version 3') })).toBe(false)
  })

  it('not what is left behind a write that was lost, or came twice', () => {
    const two = observed([record, remove], [record, remove])
    expect(isExplained(two)).toBe(true)
    expect(isExplained({ ...two, isLeft: (records) => records.length === 1 })).toBe(false)
    expect(isExplained({ ...two, told: [two.told[0] ?? '', 'NOT_FOUND'] })).toBe(false)
  })

  it('a key that was repeated is told the same, and does nothing', () => {
    const writes = [record, { ...record }, remove]
    const told = ['ids 00000000-0000-4000-8000-000000000001', 'ids 00000000-0000-4000-8000-000000000001', 'done']
    expect(isExplained({ writes, told, isLeft: (records) => records.length === 0 })).toBe(true)
    expect(isExplained({ writes, told, isLeft: (records) => records.length === 1 })).toBe(false)
  })

  it('of many that say the same an answer comes soon, also when there is none', () => {
    const writes = Array.from({ length: 10 }, (_, n) => keyed({ kind: 'archive', id: (n % 6) + 1 }, `k ${n}`))
    const told = writes.map(() => 'NOT_FOUND')
    expect(isExplained({ writes, told, isLeft: () => true })).toBe(true)
    expect(isExplained({ writes, told, isLeft: () => false })).toBe(false)
  })
})
