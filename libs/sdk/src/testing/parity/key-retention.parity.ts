/** Exoware's cases of what is kept of the log: rules that are stored and go on applying. */
import { expect } from 'vitest'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { expectRefusal, refusal } from '../samples.ts'
import type { Cases } from './parity-store.ts'
import { batchOf, keysOf, putMany, untilOldest } from './keys.ts'

/** What was written under these sequences can be read, and under no others. */
const expectKept = async (hive: CollectiveHandle, sequences: readonly number[], kept: readonly number[]) => {
  const found: number[] = []
  for (const sequence of sequences) if ((await batchOf(hive, sequence)) !== undefined) found.push(sequence)
  expect(found).toEqual(kept)
}

export const keyRetentionParity = (it: Cases): void => {
  rules(it)
  dropping(it)
  afterRestart(it)
}

const rules = (it: Cases): void => {
  it('exoware E24: keepLatest slides with what is put, and leaves the numbers alone', async ({ hive }) => {
    const first = await putMany(hive, 3)
    await hive.keys.setRetention({ keepLatest: { count: 2 } })
    await untilOldest(hive, first[1])
    expect(await hive.keys.currentSequence()).toBe(first[2])
    const second = await putMany(hive, 2, 'm')
    await untilOldest(hive, second[0])
    await expectKept(hive, [...first, ...second], second)
    expect(await hive.keys.currentSequence()).toBe(second[1])
    expect(await keysOf(hive)).toHaveLength(5)
  })

  it('exoware E25: greaterThan T keeps what is above T, greaterThanOrEqual T what is not below it', async ({
    hive,
  }) => {
    const sequences = await putMany(hive, 5)
    await hive.keys.setRetention({ greaterThanOrEqual: { threshold: sequences[1]! } })
    await untilOldest(hive, sequences[1])
    await hive.keys.setRetention({ greaterThan: { threshold: sequences[2]! } })
    await untilOldest(hive, sequences[3])
    await expectKept(hive, sequences, sequences.slice(3))
  })

  it('exoware E65: a rule is applied, judged and cleared', async ({ hive }) => {
    const sequences = await putMany(hive, 3)
    expect(await hive.keys.oldestRetained()).toBe(sequences[0])
    await hive.keys.setRetention({ keepLatest: { count: 1 } })
    await untilOldest(hive, sequences[2])
    await expectRefusal(hive.keys.setRetention({ keepLatest: { count: 0 } }), 'INVALID_FIELD', 'rule.keepLatest.count')
    expect((await refusal(hive.keys.setRetention({} as never))).kind).toBe('invalid')
    // What was refused has replaced nothing.
    const [next] = await putMany(hive, 1, 'n')
    await untilOldest(hive, next)
    await hive.keys.setRetention()
    const last = await putMany(hive, 2, 'o')
    expect(await hive.keys.oldestRetained()).toBe(next)
    await expectKept(hive, [...sequences, next!, ...last], [next!, ...last])
  })

  it('exoware E75: a rule that points beyond what is written takes nothing that is to come', async ({ hive }) => {
    const sequences = await putMany(hive, 2)
    const far = sequences[1]! + 1_000_000
    await hive.keys.setRetention({ greaterThanOrEqual: { threshold: far } })
    await untilOldest(hive, undefined)
    const [next] = await putMany(hive, 1, 'm')
    expect(next).toBeGreaterThan(sequences[1]!)
    expect(await hive.keys.currentSequence()).toBe(next)
    expect(await keysOf(hive)).toHaveLength(3)
    // What was never written is not yet there, and not pruned.
    const fault = await refusal(hive.keys.subscribe({ since: sequences[0]! }).next())
    expect(fault.code).toBe('BATCH_EVICTED')
  })
}

const dropping = (it: Cases): void => {
  it('exoware E26: dropAll keeps the log empty while the sequences climb', async ({ hive }) => {
    await putMany(hive, 3)
    await hive.keys.setRetention({ dropAll: {} })
    await untilOldest(hive, undefined)
    const sequences = await putMany(hive, 3, 'm')
    await untilOldest(hive, undefined)
    await expectKept(hive, sequences, [])
    expect(await hive.keys.currentSequence()).toBe(sequences[2])
    expect(await keysOf(hive)).toHaveLength(6)
  })

  it('exoware E27: clearing a rule ends it, and brings nothing back', async ({ hive }) => {
    const before = await putMany(hive, 2)
    await hive.keys.setRetention({ dropAll: {} })
    await untilOldest(hive, undefined)
    await hive.keys.setRetention()
    const after = await putMany(hive, 3, 'm')
    await untilOldest(hive, after[0])
    await expectKept(hive, [...before, ...after], after)
  })

  it('exoware E45: batches after dropAll are absent', async ({ hive }) => {
    const sequences = await putMany(hive, 3)
    expect(await hive.keys.pruneBatchLog(sequences[1]!)).toMatchObject({ keys: 0, batches: 1 })
    await expectKept(hive, sequences, sequences.slice(1))
    expect(await hive.keys.prune([{ sequence: {}, retain: { dropAll: {} } }])).toMatchObject({ keys: 0, batches: 2 })
    await expectKept(hive, sequences, [])
    expect(await hive.keys.oldestRetained()).toBeUndefined()
    expect(await keysOf(hive)).toHaveLength(3)
  })

  it('exoware E46: keepLatest evicts the old batches and keeps the new', async ({ hive }) => {
    const sequences = await putMany(hive, 5)
    const done = await hive.keys.prune([{ sequence: {}, retain: { keepLatest: { count: 2 } } }])
    expect(done).toMatchObject({ keys: 0, batches: 3 })
    await expectKept(hive, sequences, sequences.slice(3))
    // Once, and not from now on.
    const [next] = await putMany(hive, 1, 'm')
    expect(await hive.keys.oldestRetained()).toBe(sequences[3])
    await expectKept(hive, [...sequences, next!], [...sequences.slice(3), next!])
  })
}

const afterRestart = (it: Cases): void => {
  it.restarted(
    'exoware E28: a prune of keys and a rule work together, also after a restart',
    async ({ hive }) => {
      const sequences = await putMany(hive, 4)
      await hive.keys.setRetention({ keepLatest: { count: 2 } })
      await hive.keys.prune([{ keys: { selector: { prefix: 'k', regex: '00[12]$' } }, retain: { dropAll: {} } }])
      expect(await keysOf(hive)).toEqual(['k003', 'k004'])
      return sequences
    },
    async ({ hive }, sequences) => {
      expect(await keysOf(hive)).toEqual(['k003', 'k004'])
      const next = await putMany(hive, 2, 'm')
      await untilOldest(hive, next[0])
      await expectKept(hive, [...sequences, ...next], next)
      expect(await keysOf(hive)).toEqual(['k003', 'k004', 'm001', 'm002'])
    },
  )

  it.restarted(
    'exoware E29: after dropAll and a restart the log is empty, and no sequence is used again',
    async ({ hive }) => {
      const sequences = await putMany(hive, 3)
      await hive.keys.setRetention({ dropAll: {} })
      await untilOldest(hive, undefined)
      return sequences
    },
    async ({ hive }, sequences) => {
      expect(await hive.keys.oldestRetained()).toBeUndefined()
      expect(await hive.keys.currentSequence()).toBe(sequences[2])
      const [next] = await putMany(hive, 1, 'm')
      expect(next).toBeGreaterThan(sequences[2]!)
      await expectKept(hive, sequences, [])
    },
  )

  it.restarted(
    'exoware E30: rows that were pruned out of a batch that is kept do not come back',
    async ({ hive }) => {
      const { sequence } = await hive.keys.put([
        ['gone', 'x'],
        ['kept', 'y'],
      ])
      await hive.keys.prune([{ keys: { selector: { prefix: 'gone' } }, retain: { dropAll: {} } }])
      return sequence
    },
    async ({ hive }, sequence) => {
      expect(await keysOf(hive)).toEqual(['kept'])
      expect(await batchOf(hive, sequence)).toEqual([
        ['gone', 'x'],
        ['kept', 'y'],
      ])
    },
  )

  it.restarted(
    'exoware E71: data, sequence and the rule outlast a restart, and a bad rule is refused as before',
    async ({ hive }) => {
      const sequences = await putMany(hive, 3)
      await hive.keys.setRetention({ keepLatest: { count: 2 } })
      await untilOldest(hive, sequences[1])
      return sequences
    },
    async ({ hive }, sequences) => {
      expect(await keysOf(hive)).toEqual(['k001', 'k002', 'k003'])
      expect(await hive.keys.currentSequence()).toBe(sequences[2])
      expect(await hive.keys.oldestRetained()).toBe(sequences[1])
      const [next] = await putMany(hive, 1, 'm')
      await untilOldest(hive, sequences[2])
      await expectRefusal(
        hive.keys.setRetention({ keepLatest: { count: 0 } }),
        'INVALID_FIELD',
        'rule.keepLatest.count',
      )
      await expectKept(hive, [...sequences, next!], [sequences[2]!, next!])
    },
  )
}
