import { silentLogger, type Timers } from '@waggle/kernel'
import { describe, expect, test } from 'vitest'
import { watchStore } from './store-watch.ts'

const GIB = 1024 ** 3
const FROZEN = "JetStream stream '$G > W' write error: no space left on device"

/** A server that says what it is told to, looked at whenever the test wants. */
const scene = (says: () => string | undefined, free: () => number = () => GIB) => {
  const due: (() => void)[] = []
  const told: string[] = []
  const ends: string[] = []
  const timers: Pick<Timers, 'after'> = {
    after(_, act) {
      due.push(act)
      return () => due.splice(0)
    },
  }
  const cancel = watchStore({
    ...{ folder: '/nowhere', timers: timers as Timers },
    logger: { ...silentLogger, error: (message) => told.push(message), warn: (message) => told.push(message) },
    readFrozen: async () => says(),
    bytesFree: async () => free(),
    end: async () => ends.push('ended'),
  })
  /** @returns whether it would look again */
  const look = async (): Promise<boolean> => {
    for (const act of due.splice(0)) act()
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
    return due.length > 0
  }
  return { look, told, ends, cancel }
}

describe('the store of a server', () => {
  test('is left alone while it stores', async () => {
    const { look, told, ends } = scene(() => undefined)
    expect([await look(), await look()]).toEqual([true, true])
    expect([told, ends]).toEqual([[], []])
  })

  test('W1 W2 that a full disk froze waits for room; then its server is ended, once', async () => {
    let free = 0
    const { look, told, ends } = scene(
      () => FROZEN,
      () => free,
    )
    expect([await look(), ends]).toEqual([true, []])
    expect(told).toEqual([expect.stringContaining('make room')])
    free = GIB
    expect([await look(), await look()]).toEqual([false, false])
    expect(ends).toEqual(['ended'])
  })

  test('is left alone while its server does not answer, and after the watch has ended', async () => {
    let answers = false
    const { look, ends, cancel } = scene(() => {
      if (answers) return FROZEN
      throw new Error('no answer')
    })
    expect(await look()).toBe(true)
    answers = true
    cancel()
    expect([await look(), ends]).toEqual([false, []])
  })
})
