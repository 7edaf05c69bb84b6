import { describe, expect, test } from 'vitest'
import { nodeBeat } from '../testing/beats.ts'
import { forgetSilent, hearNode, hostsAmong, MEMBER_SILENCE_MS, nobody, stableForMs } from './membership.ts'

const heard = (names: readonly string[], nowMs = 0) =>
  names.reduce((before, name) => hearNode(before, nodeBeat(name), nowMs), nobody(nowMs))

describe('membership', () => {
  test('M1 whoever was heard of within 10 s is a member', () => {
    const both = hearNode(heard(['a', 'b']), nodeBeat('b'), 1_000)
    expect(hostsAmong(forgetSilent(both, MEMBER_SILENCE_MS))).toEqual(['a', 'b'])
    const one = forgetSilent(both, MEMBER_SILENCE_MS + 1)
    expect(hostsAmong(one)).toEqual(['b'])
    expect(stableForMs(one, MEMBER_SILENCE_MS + 5)).toBe(4)
  })

  test('M3 only who is there and who drains unsettles the list', () => {
    let list = heard(['a', 'b'])
    list = hearNode(list, { ...nodeBeat('b'), leads: [1], hosts: [1, 2], clockAheadMs: 7 }, 5_000)
    expect(stableForMs(list, 5_000)).toBe(5_000)
    expect(list.members.get('b')).toMatchObject({ clockAheadMs: 7, hosts: new Set([1, 2]) })
    list = hearNode(list, { ...nodeBeat('b'), draining: true }, 6_000)
    expect(stableForMs(list, 6_500)).toBe(500)
    expect(hostsAmong(list)).toEqual(['a'])
    list = hearNode(list, { ...nodeBeat('b'), draining: true }, 8_000)
    expect(stableForMs(list, 8_000)).toBe(2_000)
    list = hearNode(list, nodeBeat('c'), 9_000)
    expect([hostsAmong(list), stableForMs(list, 9_000)]).toEqual([['a', 'c'], 0])
  })

  test('M3 a list from which nobody went is the list that it was', () => {
    const list = heard(['a', 'b'], 3)
    expect(forgetSilent(list, 4)).toBe(list)
  })
})
