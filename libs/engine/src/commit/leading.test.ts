/** The writer where the log is the fence: others may write to it too. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isFault, type Fault } from '@waggle/kernel'
import {
  decodeEntries,
  decodeRecord,
  encodeRecord,
  type CollectiveId,
  type LogRecord,
  type Sequence,
} from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import type { BatchLog } from '../log/batch-log.ts'
import { gateLog, type GatedLog } from '../testing/gated-log.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'

interface Leading {
  readonly leader: TestEngine
  readonly collective: CollectiveId
  readonly gate: GatedLog
  readonly ended: Fault[]
}

/** A leader with a collective, whose appends from now on wait for the test. */
const leading = async (): Promise<Leading> => {
  let gate: GatedLog | undefined
  let isOpen = true
  const ended: Fault[] = []
  const wrapLog = (log: BatchLog): BatchLog => {
    const gated = gateLog(log)
    gate = gated
    return { ...gated.log, append: (append) => (isOpen ? log.append(append) : gated.log.append(append)) }
  }
  const leader = await openTestEngine({ fence: 'log', wrapLog, onTermEnded: (reason) => ended.push(reason) })
  const { collective } = await leader.call('collective.create', { name: 'bees', dimension: 2 })
  isOpen = false
  return { leader, collective: (collective as { id: CollectiveId }).id, gate: gate as unknown as GatedLog, ended }
}

const recordOne = (engine: TestEngine, collective: CollectiveId, content: string, more: object = {}) =>
  engine.call('experience.record', { collective, content, embedding: [1, 2], ...more })

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (isFault(error) ? error.code : String(error)),
  )

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}

const isPending = async (promise: Promise<unknown>): Promise<boolean> => {
  let pending = true
  const done = (): void => {
    pending = false
  }
  void promise.then(done, done)
  await turns(20)
  return pending
}

const recordIn = (test: TestEngine, sequence: number): LogRecord => {
  const decoded = decodeRecord(test.stream.at(sequence) as Uint8Array)
  if ('defect' in decoded) throw new Error(decoded.defect)
  return decoded.record
}

const commandsIn = (test: TestEngine, sequence: number): readonly string[] =>
  decodeEntries(recordIn(test, sequence).payload).map(({ command }) => command)

const begun = async (gate: GatedLog, count: number): Promise<void> => {
  while (gate.begun() < count) await turns(1)
}

describe('a leader whose fence is the log', () => {
  test('L1 its first record is a barrier, appended before any command', async () => {
    const { leader } = await leading()
    expect(recordIn(leader, 1)).toMatchObject({ position: 1, epoch: { sequence: 1 } })
    expect(commandsIn(leader, 1)).toEqual([])
    expect(leader.engine.position.epoch.sequence).toBe(1)
  })

  test('L5 a refusal waits for an append of this term that began after it, an empty record if need be', async () => {
    const { leader, collective, gate } = await leading()
    const refused = codeOf(
      leader.call('experience.record', { collective, content: 'x', embedding: [1, 2, 3] }), // a wrong dimension
    )
    expect(await isPending(refused)).toBe(true)
    await gate.release()
    expect(await refused).toBe('DIMENSION_MISMATCH')
    expect(commandsIn(leader, 3)).toEqual([])
  })

  test('L5 P2 a remembered outcome waits too', async () => {
    const { leader, collective, gate } = await leading()
    const first = recordOne(leader, collective, 'x', { idempotencyKey: 'k' })
    await gate.release()
    const id = (await first).id
    const again = recordOne(leader, collective, 'x', { idempotencyKey: 'k' })
    expect(await isPending(again)).toBe(true)
    await gate.release()
    expect((await again).id).toBe(id)
  })

  test('L6 a strong read is released by an append that began after it arrived; others do not wait', async () => {
    const { leader, collective, gate } = await leading()
    const writing = recordOne(leader, collective, 'x')
    await begun(gate, 1)
    const strong = leader.call('experience.list', { collective, consistency: 'strong' })
    expect((await leader.call('experience.list', { collective })).items).toEqual([])
    await gate.release()
    await writing
    expect(await isPending(strong)).toBe(true)
    await gate.release()
    expect((await strong).items).toMatchObject([{ content: 'x' }])
  })

  test('L7 a fenced group is decided again over what was there, and answered once', async () => {
    const { leader, collective, gate } = await leading()
    const writing = [recordOne(leader, collective, 'a'), recordOne(leader, collective, 'b')]
    await begun(gate, 1)
    const later = recordOne(leader, collective, 'c')
    // A late record of a term that is over takes the position.
    const { position, tip, epoch } = { ...leader.engine.position, position: 3 as Sequence }
    const zombie = {
      ...recordIn(leader, 2),
      epoch: { ...epoch, id: '00000000-0000-7000-8000-00000000dead' as typeof epoch.id },
    }
    leader.stream.push(encodeRecord({ ...zombie, position, previous: tip }).bytes)
    await gate.release()
    await begun(gate, 2)
    await gate.release()
    const answers = await Promise.all([...writing, later])
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3)
    expect(commandsIn(leader, 4)).toEqual(['experience.record', 'experience.record', 'experience.record'])
    const { items } = await leader.call('experience.list', { collective })
    expect((items as { content: string }[]).map(({ content }) => content)).toEqual(['a', 'b', 'c'])
  })

  test('L3 L7 a leader that meets another one’s barrier steps down: nothing happened, and it says so', async () => {
    const { leader, collective, gate, ended } = await leading()
    const writing = codeOf(recordOne(leader, collective, 'a'))
    await begun(gate, 1)
    const waiting = codeOf(recordOne(leader, collective, 'b'))
    const second = await openTestEngine({ fence: 'log', stream: leader.stream, seed: 5 })
    await gate.release()
    expect(await writing).toBe('NOT_LEADING')
    expect(await waiting).toBe('NOT_LEADING')
    expect(ended.map(({ code }) => code)).toEqual(['NOT_LEADING'])
    expect(await codeOf(recordOne(leader, collective, 'c'))).toBe('NOT_LEADING')
    expect((await second.call('experience.list', { collective })).items).toEqual([])
  })

  test('L7 an append that cannot be resolved is UNAVAILABLE; what had not begun is not', async () => {
    const { leader, collective, gate, ended } = await leading()
    const writing = codeOf(recordOne(leader, collective, 'a'))
    await begun(gate, 1)
    const waiting = codeOf(recordOne(leader, collective, 'b'))
    gate.fail(new Error('no answer'))
    expect(await writing).toBe('UNAVAILABLE')
    expect(await waiting).toBe('NOT_LEADING')
    expect(ended.map(({ code }) => code)).toEqual(['UNAVAILABLE'])
  })

  test('L3 stepping down refuses what waits, and the same replica may lead again', async () => {
    const { leader, collective, gate } = await leading()
    const writing = codeOf(recordOne(leader, collective, 'a'))
    await begun(gate, 1)
    const waiting = codeOf(recordOne(leader, collective, 'b'))
    const stepped = leader.engine.stepDown()
    expect(await waiting).toBe('NOT_LEADING')
    await gate.release()
    await stepped
    expect(await writing).toBe('done')
    await leader.engine.catchUp()
    const led = leader.engine.lead()
    await gate.release()
    expect((await led).sequence).toBe(4)
  })

  test('a graceful release answers everything that was taken', async () => {
    const { leader, collective, gate } = await leading()
    const writing = codeOf(recordOne(leader, collective, 'a'))
    await begun(gate, 1)
    const waiting = codeOf(recordOne(leader, collective, 'b'))
    await turns(3)
    const released = leader.engine.release()
    await gate.release()
    await gate.release()
    await released
    expect([await writing, await waiting]).toEqual(['done', 'done'])
  })

  test('P11 what a leader keeps does not grow for as long as it is under load', async () => {
    const leader = await openTestEngine({ fence: 'log' })
    const { engine } = leader
    const { collective } = await leader.call('collective.create', { name: 'bees', dimension: 2 })
    const body = { collective: (collective as { id: CollectiveId }).id, consistency: 'strong' }
    const loadUntil = async (applied: number): Promise<void> => {
      while (engine.position.applied < applied) await leader.call('experience.list', body)
    }
    // So many that one group is always being decided while another one is appended.
    const loadFor = async (records: number): Promise<void> => {
      const applied = engine.position.applied + records
      const client = async (late: number): Promise<void> => {
        await turns(late % 20)
        await loadUntil(applied)
      }
      await Promise.all(Array.from({ length: 200 }, (_, late) => client(late)))
    }
    /** What is kept while the load still lasts. */
    const keptAfter = async (records: number): Promise<number> => {
      const applied = engine.position.applied + records
      const load = loadFor(records + 40)
      while (engine.position.applied < applied) await turns(1)
      collectGarbage()
      const { heapUsed } = process.memoryUsage()
      await load
      return heapUsed
    }
    await loadFor(20)
    const short = await keptAfter(20)
    const long = await keptAfter(220)
    // 200 groups of 64 commands are 16 MB.
    expect(long - short).toBeLessThan(6_000_000)
  })

  test('L1 a barrier that another record was faster than opens no term', async () => {
    const { leader } = await leading()
    const late = await openTestEngine({ fence: 'log', stream: leader.stream, lead: false, seed: 7 })
    await openTestEngine({ fence: 'log', stream: leader.stream, seed: 8 })
    expect(await codeOf(late.engine.lead())).toBe('NOT_LEADING')
    await late.engine.catchUp()
    expect((await late.engine.lead()).sequence).toBe(4)
  })
})
