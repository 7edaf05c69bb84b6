import { DEFAULT_TENANT, type Generation, type ReplicaBeat } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { FOLLOWERS_MAX, OVERDUE_COUNT_MAX, OVERDUE_MS, ROSTER_MS, SILENCE_MS } from './limits.ts'
import { ReplicaReads, type LeaderSeen } from './replica-reads.ts'
import type { RoutedRequest } from './routed-request.ts'
import { sampleId, sampleReplicaBeat } from '../testing/sample-beat.ts'

const router = sampleId(77)
const led: LeaderSeen = { isLed: true, generation: '00112233445566aa' as Generation }
const leaderless: LeaderSeen = { isLed: false, generation: undefined }

const request = (origin: string): RoutedRequest<string> => ({
  ...{ requestId: sampleId(1), tenant: DEFAULT_TENANT, operation: 'experience.get', isWrite: false, origin },
  ...{ target: { kind: 'shard', shard: 0 }, body: new Uint8Array(10), deadlineMs: 21_000, followers: 'every' },
})

const scripted = () => {
  const reads = new ReplicaReads<string>(0, router)
  const origins = (requests: readonly RoutedRequest<string>[]) => requests.map(({ origin }) => origin).join(' ')
  return {
    reads,
    /** Who is asked; `leader` where it is the leader's turn. */
    ask: (origin: string, leader = led, nowMs = 0) => {
      const effect = reads.accept(request(origin), leader, nowMs)
      return effect?.kind === 'read' ? `${effect.node} ${effect.number}/${effect.lowest}` : 'leader'
    },
    beat: (node: string, fields: Partial<ReplicaBeat> = {}, nowMs = 0) => {
      const { settled, handedOver } = reads.beat(sampleReplicaBeat({ node, ...fields }), nowMs)
      return { settled: origins(settled), handedOver: origins(handedOver) }
    },
    tick: (elapsedMs: number) => origins(reads.tick(elapsedMs)),
  }
}

const answered = (number: number, open: readonly number[] = []) => ({
  ...{ answered: { [router]: number }, open: { [router]: open } },
})

describe('B2 reads', () => {
  it('go to followers and leader in turn, each with numbers of its own', () => {
    const { ask, beat } = scripted()
    expect(ask('0')).toBe('leader')
    beat('b')
    beat('a')
    const turns = ['1', '2', '3', '4', '5', '6'].map((origin) => ask(origin))
    expect([...turns].sort()).toEqual(['a 1/1', 'a 2/1', 'b 1/1', 'b 2/1', 'leader', 'leader'])
    expect(new Set(turns.slice(0, 3)).size).toBe(3)
  })

  it('go to followers alone while nobody leads, also before anybody was heard to', () => {
    const { ask, beat } = scripted()
    expect(ask('0', leaderless)).toBe('leader')
    beat('a')
    expect(['1', '2', '3'].map((origin) => ask(origin, leaderless))).toEqual(['a 1/1', 'a 2/1', 'a 3/1'])
    expect(ask('4', { ...led, isLed: false })).toBe('a 4/1')
  })
})

describe('B1 P5 a follower is not asked', () => {
  it.each<[string, Partial<ReplicaBeat>]>([
    ['that serves nothing', { serving: false }],
    ['of another life of the log', { generation: 'ffffffffffffffff' as Generation }],
  ])('%s', (_, fields) => {
    const { ask, beat } = scripted()
    beat('a', fields)
    expect([ask('1'), ask('2')]).toEqual(['leader', 'leader'])
  })

  it('that is silent, until it is heard again', () => {
    const { ask, beat, tick } = scripted()
    beat('a')
    tick(SILENCE_MS)
    expect([ask('1'), ask('2')]).toEqual(['leader', 'leader'])
    beat('a')
    expect([ask('3'), ask('4')]).toContain('a 1/1')
  })

  it('L2 whose log is damaged, but for reads that take any state', () => {
    const { reads, ask, beat } = scripted()
    beat('a', { anyOnly: true })
    expect(ask('any', leaderless)).toBe('a 1/1')
    expect(reads.accept({ ...request('token'), followers: new Set([0]) }, leaderless, 0)).toBeUndefined()
  })

  it('L2 B2 whose log is damaged, while anybody else can be asked', () => {
    const { ask, beat } = scripted()
    beat('a', { anyOnly: true })
    expect([ask('1'), ask('2')]).toEqual(['leader', 'leader'])
    beat('b')
    expect([ask('3', leaderless), ask('4', leaderless)]).toEqual(['b 1/1', 'b 2/1'])
  })

  it('P11 when there are more than can be', () => {
    const { reads, beat } = scripted()
    for (let number = 0; number <= FOLLOWERS_MAX; number += 1) beat(`n${number}`)
    expect(reads.seen(led)).toHaveLength(FOLLOWERS_MAX)
  })
})

describe('B3 what a follower was asked', () => {
  const asked = () => {
    const script = scripted()
    script.beat('a')
    for (const origin of ['1', '2', '3']) script.ask(origin, leaderless)
    expect(script.reads.size).toBe(3)
    return script
  }

  it('is kept until it says that it was answered', () => {
    const { reads, beat } = asked()
    expect(beat('a')).toEqual({ settled: '', handedOver: '' })
    expect(beat('a', answered(4, [2]))).toEqual({ settled: '1 3', handedOver: '' })
    expect(beat('a', answered(4))).toEqual({ settled: '2', handedOver: '' })
    expect([reads.size, reads.bytes]).toEqual([0, 0])
  })

  it('is believed of numbers that were given, and of no others', () => {
    expect(asked().beat('a', answered(5))).toEqual({ settled: '', handedOver: '' })
  })

  it.each<[string, (script: ReturnType<typeof asked>) => string]>([
    ['serves no more', ({ beat }) => beat('a', { serving: false }).handedOver],
    ['is another process', ({ beat }) => beat('a', { pid: 1, ...answered(4) }).handedOver],
    ['has another log', ({ beat }) => beat('a', { generation: 'ffffffffffffffff' as Generation }).handedOver],
    ['falls silent', ({ tick }) => tick(SILENCE_MS)],
    ['takes too long', ({ beat }) => beat('a', answered(4, [1, 2, 3]), OVERDUE_MS + 1).handedOver],
    ['does not know of it', ({ beat }) => beat('a', {}, OVERDUE_MS + 1).handedOver],
  ])('is the leader’s, in order, when it %s', (_, happen) => {
    const script = asked()
    expect(happen(script)).toBe('1 2 3')
    expect([script.reads.size, script.reads.bytes]).toEqual([0, 0])
  })

  it('is the leader’s when the connection was lost', () => {
    expect(asked().reads.reconnected().length).toBe(3)
  })

  it('P11 goes over a few at a time when the follower is only slow', () => {
    const { ask, beat, reads } = scripted()
    beat('a')
    for (let count = 0; count < OVERDUE_COUNT_MAX + 5; count += 1) ask(String(count), leaderless)
    expect(beat('a', {}, OVERDUE_MS).handedOver).toBe('')
    expect(beat('a', {}, OVERDUE_MS + 1).handedOver.split(' ')).toHaveLength(OVERDUE_COUNT_MAX)
    expect(reads.size).toBe(5)
  })

  it('is nobody’s any more when its asker has its answer, or its time is over', () => {
    const { reads, beat, ask } = scripted()
    beat('a')
    const mine = request('mine')
    reads.accept(mine, leaderless, 0)
    ask('other', leaderless)
    expect([reads.withdraw(mine), reads.withdraw(mine)]).toEqual([true, false])
    expect(reads.expire(20_999)).toEqual([])
    expect(reads.expire(21_000).map(({ origin }) => origin)).toEqual(['other'])
    expect([reads.size, reads.bytes]).toEqual([0, 0])
  })
})

describe('B4 a follower that was forgotten', () => {
  it('is given numbers that it never had', () => {
    const { ask, beat, tick, reads } = scripted()
    beat('a')
    ask('1', leaderless)
    tick(SILENCE_MS)
    expect(reads.seen(led)).toHaveLength(1)
    tick(ROSTER_MS)
    expect(reads.seen(led)).toEqual([])
    beat('a', answered(2))
    expect(ask('2', leaderless)).toBe('a 2/2')
    expect(beat('a', answered(2))).toMatchObject({ settled: '' })
    expect(beat('a', answered(3))).toMatchObject({ settled: '2' })
  })
})
