/** Replay where several leaders wrote: the log is the only fence. */
import { isFault } from '@waggle/kernel'
import { decodeRecord, encodeRecord, type CollectiveId, type LogRecord, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { MemoryStream } from '../log/memory-log.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

const DIMENSION = 2

const lead = (stream?: MemoryStream, seed = 1): Promise<TestEngine> =>
  openTestEngine({ fence: 'log', seed, ...(stream === undefined ? {} : { stream }) })

const follow = (stream: MemoryStream): Promise<TestEngine> =>
  openTestEngine({ fence: 'log', lead: false, stream, seed: 99 })

const createCollective = async (leader: TestEngine): Promise<CollectiveId> => {
  const { collective } = await leader.call('collective.create', { name: 'bees', dimension: DIMENSION })
  return (collective as { id: CollectiveId }).id
}

const recordOne = (leader: TestEngine, collective: CollectiveId, content: string) =>
  leader.call('experience.record', { collective, content, embedding: [1, 2] })

const contents = async (engine: TestEngine, collective: CollectiveId): Promise<readonly string[]> => {
  await engine.engine.catchUp()
  await engine.engine.lead()
  const { items } = await engine.call('experience.list', { collective })
  return (items as { content: string }[]).map(({ content }) => content)
}

const recordIn = (stream: MemoryStream, sequence: number): LogRecord => {
  const decoded = decodeRecord(stream.at(sequence) as Uint8Array)
  if ('defect' in decoded) throw new Error(decoded.defect)
  return decoded.record
}

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

/** A leader with three experiences, and its log: barrier 1, collective 2, experiences 3 to 5. */
const filled = async (): Promise<{ leader: TestEngine; collective: CollectiveId; stream: MemoryStream }> => {
  const leader = await lead()
  const collective = await createCollective(leader)
  for (const content of ['a', 'b', 'c']) await recordOne(leader, collective, content)
  return { leader, collective, stream: leader.stream }
}

describe('replay over several terms', () => {
  test('L2 P8 a second leader’s records follow the first one’s; a third replica reaches the same digest', async () => {
    const { collective, stream } = await filled()
    const second = await lead(stream, 2)
    await recordOne(second, collective, 'd')
    const third = await follow(stream)
    expect(await third.engine.digest()).toEqual(await second.engine.digest())
    expect(await contents(third, collective)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('L2 a late record of a deposed leader is skipped: applied moves, the tip does not', async () => {
    const { collective, stream } = await filled()
    const late = recordIn(stream, 5)
    const second = await lead(stream, 2)
    const { tip } = second.engine.position
    const position = (stream.bounds().last + 1) as Sequence
    stream.push(encodeRecord({ ...late, position, previous: { ...late.previous } }).bytes)
    const replica = await follow(stream)
    expect(replica.engine.position).toMatchObject({ applied: position, tip })
    expect(await contents(replica, collective)).toEqual(['a', 'b', 'c'])
  })

  test('L2 L4 a record stored behind a new leader’s barrier, where it expected to be, is skipped', async () => {
    const { leader, collective, stream } = await filled()
    const second = await lead(stream, 2)
    // The first leader has not heard of the barrier at 6; its next publish expects 6 to be the last one.
    const { tip, epoch } = leader.engine.position
    const zombie = recordIn(stream, 5)
    stream.push(encodeRecord({ ...zombie, epoch, previous: tip, position: 7 as Sequence }).bytes)
    await recordOne(second, collective, 'd').catch(() => undefined)
    const replica = await follow(stream)
    expect(await contents(replica, collective)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('L2 a barrier at its own position with another predecessor halts: LOG_DIVERGED', async () => {
    const { stream } = await filled()
    const barrier = recordIn(stream, 1)
    const position = 6 as Sequence
    const epoch = { sequence: position, id: barrier.epoch.id }
    const previous = { sequence: 5 as Sequence, hash: new Uint8Array(32).fill(7) }
    stream.push(encodeRecord({ ...barrier, position, epoch, previous }).bytes)
    expect(await codeOf(follow(stream))).toBe('LOG_DIVERGED')
  })

  test('L2 a record of the current term that does not follow halts: LOG_DIVERGED, never skipped', async () => {
    const { stream } = await filled()
    const last = recordIn(stream, 5)
    stream.push(encodeRecord({ ...last, position: 6 as Sequence }).bytes)
    expect(await codeOf(follow(stream))).toBe('LOG_DIVERGED')
  })

  test('L2 a lost record that counted halts: LOG_DAMAGED with the missing range', async () => {
    const { stream } = await filled()
    stream.damage(4, undefined)
    await expect(follow(stream)).rejects.toMatchObject({ code: 'LOG_DAMAGED', details: { from: 4, to: 4 } })
  })

  test('L2 a lost record at the tail halts too: nothing shows that it did not count', async () => {
    const { stream } = await filled()
    stream.damage(5, Uint8Array.of(1, 2, 3))
    expect(await codeOf(follow(stream))).toBe('LOG_DAMAGED')
  })

  test('L2 a lost record that did not count is skipped once the next one shows it', async () => {
    const { collective, stream } = await filled()
    const zombie = recordIn(stream, 5)
    const second = await lead(stream, 2)
    stream.push(encodeRecord({ ...zombie, position: 7 as Sequence }).bytes)
    await second.engine.catchUp()
    await recordOne(second, collective, 'd')
    stream.damage(7, undefined)
    const replica = await follow(stream)
    expect(await contents(replica, collective)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('K4 a stream that ends below the state halts: STREAM_BEHIND', async () => {
    const { leader, stream } = await filled()
    const shorter = new MemoryStream(stream.generation)
    for (const sequence of [1, 2, 3]) shorter.push(stream.at(sequence) as Uint8Array)
    expect(
      await codeOf(openTestEngine({ fence: 'log', lead: false, stream: shorter, store: leader.store, seed: 3 })),
    ).toBe('STREAM_BEHIND')
  })

  test('F5 a record of an unknown format halts, and is never skipped', async () => {
    const { stream } = await filled()
    const newer = Uint8Array.from(stream.at(5) as Uint8Array)
    newer[2] = 99
    const { sha256 } = await import('@waggle/kernel')
    newer.set(sha256(newer.subarray(0, newer.length - 32)), newer.length - 32)
    stream.damage(5, newer)
    expect(await codeOf(follow(stream))).toBe('FORMAT_UNSUPPORTED')
  })
})
