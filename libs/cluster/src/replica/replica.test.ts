import { seededRandom } from '@waggle/kernel/testing'
import { fault } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { untilSure } from './replica.ts'

const parts = {
  random: seededRandom(1),
  timers: {
    after: (_: number, callback: () => void) => {
      queueMicrotask(callback)
      return () => undefined
    },
    yield: () => Promise.resolve(),
  },
}

const failing = (code: 'STREAM_BEHIND' | 'LOG_DIVERGED', times: number) => {
  const calls = { count: 0 }
  const catchUp = async (): Promise<string> => {
    calls.count += 1
    if (calls.count <= times) throw fault(code, 'a test')
    return 'there'
  }
  return { calls, catchUp }
}

describe('a replica that catches up', () => {
  test('R4 L2 one word that the stream ends before the state is no proof', async () => {
    const { catchUp } = failing('STREAM_BEHIND', 3)
    expect(await untilSure(parts, catchUp)).toBe('there')
  })

  test('R4 K4 said so often it counts', async () => {
    const { catchUp, calls } = failing('STREAM_BEHIND', 100)
    await expect(untilSure(parts, catchUp)).rejects.toMatchObject({ code: 'STREAM_BEHIND' })
    expect(calls.count).toBe(25)
  })

  test('L2 a contradiction counts at once', async () => {
    const { catchUp, calls } = failing('LOG_DIVERGED', 100)
    await expect(untilSure(parts, catchUp)).rejects.toMatchObject({ code: 'LOG_DIVERGED' })
    expect(calls.count).toBe(1)
  })
})
