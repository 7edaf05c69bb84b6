import { systemTimers, type Timers } from '@waggle/kernel'
import type { TenantId } from '@waggle/protocol'
import { beforeEach, expect, test } from 'vitest'
import { FairTurns } from './fair-turns.ts'

const BEES = 'bees' as TenantId
const WASPS = 'wasps' as TenantId

let turn: number
let turns: FairTurns
let computed: (readonly [reader: string, turn: number])[]
const read = async (reader: string, timers: Pick<Timers, 'yield'>): Promise<void> => {
  for (let n = 0; n < 3; n++) {
    await timers.yield()
    computed.push([reader, turn])
  }
}

beforeEach(() => {
  turn = 0
  computed = []
  turns = new FairTurns({
    async yield() {
      await systemTimers.yield()
      turn += 1
    },
  })
})

test('T1 P11 one reader computes in a turn of the event loop, in the order in which they asked', async () => {
  const ofBees = turns.of(BEES)
  await Promise.all(['a', 'b', 'c'].map((reader) => read(reader, ofBees)))
  expect(computed.map(([reader]) => reader).join('')).toBe('abcabcabc')
  expect(new Set(computed.map(([, at]) => at)).size).toBe(computed.length)
  await ofBees.yield()
  expect(turn).toBe(computed.length + 1)
})

test('T2 P11 many readers of one tenant do not keep a reader of another waiting', async () => {
  const many = Array.from({ length: 100 }, () => read('a', turns.of(BEES)))
  await Promise.all([...many, read('b', turns.of(WASPS))])
  expect(computed.findLastIndex(([reader]) => reader === 'b')).toBeLessThan(2 * 3)
  expect(computed).toHaveLength(3 * 101)
})
