import { silentLogger } from '@waggle/kernel'
import { manualClock } from '@waggle/kernel/testing'
import { ServerPool } from '@waggle/protocol'
import type { StreamInfo } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { CutOffWatch, isFollowedByMost } from './cut-off.ts'

const heardMsAgo = (...ages: readonly number[]) =>
  ages.map((ageMs) => ({ name: 'n', current: true, lag: 0, offline: false, active: ageMs * 1e6 }))

const infoOf = (copies: number, cluster: object | undefined): StreamInfo =>
  ({ config: { num_replicas: copies }, cluster }) as unknown as StreamInfo

test.each<[string, StreamInfo, boolean]>([
  ['the only server', infoOf(1, undefined), true],
  ['the only copy of a cluster', infoOf(1, { leader: 'a' }), true],
  ['a leader whom all follow', infoOf(3, { leader: 'a', replicas: heardMsAgo(900, 40) }), true],
  ['a leader whom one of two follows', infoOf(3, { leader: 'a', replicas: heardMsAgo(4_999, 3_600_000) }), true],
  ['a leader whom nobody has followed for 5 s', infoOf(3, { leader: 'a', replicas: heardMsAgo(5_000, 5_000) }), false],
  ['a leader whom two of four follow', infoOf(5, { leader: 'a', replicas: heardMsAgo(0, 0, 9_000, 9_000) }), true],
  [
    'a leader whom one of four follows',
    infoOf(5, { leader: 'a', replicas: heardMsAgo(0, 9_000, 9_000, 9_000) }),
    false,
  ],
  ['a server that knows of no leader', infoOf(3, { replicas: heardMsAgo(0, 0) }), false],
  [
    'one that knows who is gone',
    infoOf(3, { leader: 'a', replicas: heardMsAgo(0, 0).map((peer) => ({ ...peer, offline: true })) }),
    false,
  ],
])('I1: %s', (_, info, followed) => {
  expect(isFollowedByMost(info)).toBe(followed)
})

/** A watch that looks each second; which of the connections it has leave, and in which second. */
const watched = () => {
  const clock = manualClock()
  const left: [string, number][] = []
  const pulses: number[] = []
  const seconds = (): number => clock.monotonicMs() / 1_000
  const pool = (name: string): ServerPool =>
    new ServerPool(
      {
        getServer: () => 'a:1',
        getServers: () => [{ listen: 'b:2' }, { listen: 'a:1' }],
        setServers: () => undefined,
        async reconnect() {
          left.push([name, seconds()])
        },
      },
      0,
    )
  let answered = true
  const watch = new CutOffWatch({
    isAnswered: async () => answered,
    logs: pool('logs'),
    requests: { servers: pool('requests'), sendPulse: () => pulses.push(seconds()) },
    ...{ clock, logger: silentLogger },
  })
  return {
    left,
    pulses,
    looks: async (count: number, { isAnswered = true, isHeard = true } = {}): Promise<void> => {
      answered = isAnswered
      for (let second = 0; second < count; second += 1) {
        await watch.look()
        if (isAnswered && isHeard) watch.heardPulse()
        clock.advance(1_000)
      }
    },
  }
}

test('I1 I2: both stay where the logs are answered for and pulses come', async () => {
  const { left, pulses, looks } = watched()
  await looks(60)
  expect(left).toEqual([])
  expect(pulses).toHaveLength(60)
})

test('I1: the connection of the logs leaves after 5 s without an answer, and then after twice as long', async () => {
  const { left, pulses, looks } = watched()
  await looks(3)
  await looks(20, { isAnswered: false })
  expect(left).toEqual([
    ['logs', 7],
    ['logs', 17],
  ])
  expect(pulses).toEqual([0, 1, 2])
})

test('I2: the connection of the requests leaves after 5 s of pulses that it does not hear', async () => {
  const { left, looks } = watched()
  await looks(3)
  await looks(8, { isHeard: false })
  expect(left).toEqual([['requests', 8]])
  await looks(30)
  expect(left).toEqual([['requests', 8]])
})

test('I2: no pulse is missed while none can be sent; the logs come first', async () => {
  const { left, looks } = watched()
  await looks(1)
  await looks(6, { isAnswered: false })
  expect(left).toEqual([['logs', 5]])
  await looks(8, { isHeard: false })
  expect(left).toEqual([
    ['logs', 5],
    ['requests', 12],
  ])
})
