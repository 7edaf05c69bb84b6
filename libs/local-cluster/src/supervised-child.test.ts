import { silentLogger } from '@waggle/kernel'
import { describe, expect, it, vi } from 'vitest'
import { SupervisedChild, type Life } from './supervised-child.ts'
import { manualTime } from './testing/manual-time.ts'

/** A child whose lives end when the test says so. */
const setUp = () => {
  const time = manualTime()
  const lives: { readonly life: Life; die(how: string): void; asked: number }[] = []
  const seen: (number | undefined)[] = []
  let failure: Error | undefined
  const begin = async (): Promise<Life> => {
    if (failure !== undefined) throw failure
    let die: (how: string) => void = () => undefined
    const ended = new Promise<string>((resolve) => (die = resolve))
    const entry = {
      life: {
        identity: { pid: lives.length + 1, startedAt: null },
        ended,
        async end() {
          entry.asked += 1
          die('drained')
          return true
        },
      },
      die,
      asked: 0,
    }
    lives.push(entry)
    return entry.life
  }
  const child = new SupervisedChild({
    ...{ role: 'router', name: 'router-1', begin, clock: time, timers: time, logger: silentLogger },
    changed: ({ life }) => seen.push(life?.identity.pid),
  })
  return { time, child, lives, seen, failWith: (error: Error | undefined) => (failure = error) }
}

describe('SupervisedChild', () => {
  it('B1: starts one that died again, later each time', async () => {
    const { time, child, lives, seen } = setUp()
    await child.start()
    lives[0]!.die('SIGKILL')
    await time.advance(0)
    expect([child.life, child.lastEnd]).toEqual([undefined, 'SIGKILL'])
    await time.advance(999)
    expect(lives).toHaveLength(1)
    await time.advance(1)
    expect(child.life?.identity.pid).toBe(2)
    lives[1]!.die('exit code 1')
    await time.advance(1_999)
    expect(lives).toHaveLength(2)
    await time.advance(1)
    expect(lives).toHaveLength(3)
    expect(seen).toEqual([1, undefined, 2, undefined, 3])
  })

  it('B1: a start that fails is tried again, too', async () => {
    const { time, child, lives, failWith } = setUp()
    await child.start()
    failWith(new Error('no room'))
    lives[0]!.die('SIGKILL')
    await time.advance(1_000)
    expect(child.lastEnd).toBe('no room')
    failWith(undefined)
    await time.advance(2_000)
    expect(child.life?.identity.pid).toBe(2)
  })

  it('B2: once stopped, nothing is started any more', async () => {
    const { time, child, lives } = setUp()
    await child.start()
    lives[0]!.die('SIGKILL')
    await time.advance(0)
    expect(await child.stop()).toBe(true)
    await time.advance(60_000)
    expect(lives).toHaveLength(1)
  })

  it('B2: a living one is ended once, and its end is no death', async () => {
    const { time, child, lives, seen } = setUp()
    await child.start()
    expect(await child.stop()).toBe(true)
    await time.advance(60_000)
    expect([lives[0]!.asked, lives.length, child.life]).toEqual([1, 1, undefined])
    expect(seen).toEqual([1, undefined])
  })

  it('B3: one that is held down is killed and stays down until it is let go', async () => {
    const { time, child, lives } = setUp()
    const killed = vi.spyOn(process, 'kill').mockImplementation(() => {
      lives[0]!.die('SIGKILL')
      return true
    })
    await child.start()
    await child.holdDown()
    expect(killed).toHaveBeenCalledWith(1, 'SIGKILL')
    killed.mockRestore()
    await time.advance(60_000)
    expect([lives.length, child.life]).toEqual([1, undefined])
    await child.letGo()
    expect(child.life?.identity.pid).toBe(2)
    await child.letGo()
    expect(lives).toHaveLength(2)
  })
})
