import { systemTimers } from '@waggle/kernel'
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

test('P11 one reader computes in a turn of the event loop, in the order in which they asked', async () => {
  let turn = 0
  const turns = new Turns({
    async yield() {
      await systemTimers.yield()
      turn += 1
    },
  })
  const computed: (readonly [reader: string, turn: number])[] = []
  const read = async (reader: string): Promise<void> => {
    for (let n = 0; n < 3; n++) {
      await turns.yield()
      computed.push([reader, turn])
    }
  }
  await Promise.all(['a', 'b', 'c'].map(read))
  expect(computed.map(([reader]) => reader).join('')).toBe('abcabcabc')
  expect(new Set(computed.map(([, at]) => at)).size).toBe(computed.length)
  await turns.yield()
  expect(turn).toBe(computed.length + 1)
})
