/** What the background work on keys does when it is refused, fails, or is too late. */
import { equalBytes, silentLogger, systemTimers, type Logger, type Timers } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import { expect, test } from 'vitest'
import type { Answer, OwnCommand } from '../../commit/submission.ts'
import { engineFault } from '../../errors.ts'
import { keyKey, prunePoliciesKey } from '../../state/keyspace.ts'
import { MemoryStore } from '../../store/memory-store.ts'
import { turns } from '../../testing/contender.ts'
import { bytesOf, openPrunedHive, type PrunedHive } from '../../testing/prune/pruned-hive.ts'
import { KeyUpkeep } from './key-upkeep.ts'
import type { PruneCommands } from './prune-commands.ts'
import { jobsUnderWay } from './prune-rows.ts'

const dropFamily = (prefix: string) => ({ keys: { selector: { prefix } }, retain: { dropAll: {} } })

/** A prune that its leader has left. */
const interrupted = async (keys: number, store = new MemoryStore()): Promise<PrunedHive> => {
  const hive = await openPrunedHive({ store, fence: 'log' })
  await hive.put(Array.from({ length: keys }, (_, n) => `a/${String(n).padStart(6, '0')}`))
  await hive.call('keys.prune', { policies: [dropFamily('a/')] })
  await hive.engine.engine.stepDown()
  expect(jobsUnderWay(store, hive.scope)).toHaveLength(1)
  return hive
}

interface UpkeepParts {
  readonly submit: (command: OwnCommand) => Promise<unknown>
  readonly timers?: Timers
  readonly logger?: Logger
}

const upkeepOf = ({ engine }: PrunedHive, { submit, timers = systemTimers, logger = silentLogger }: UpkeepParts) =>
  new KeyUpkeep({ store: engine.store, timers, logger, submit: submit as (command: OwnCommand) => Promise<Answer> })

/** Timers whose delays are a turn. */
const hastyTimers: Timers = {
  after(_, callback) {
    const immediate = setImmediate(callback)
    return () => {
      clearImmediate(immediate)
    }
  },
  yield: () => systemTimers.yield(),
}

/** What each step of a prune names, with the leader busy at every third of them. */
const pruningUnderLoad = (keys: string[]) => {
  let asked = 0
  return async ({ fields }: OwnCommand): Promise<unknown> => {
    asked += 1
    if (asked % 3 === 0) throw fault('BUSY', 'too many writes are waiting', {}, { retryAfterMs: 1 })
    const { keys: listed, isEnd } = fields as PruneCommands['maintenance.pruneKeys']
    keys.push(...listed.map(([key]) => Buffer.from(key).toString()), ...(isEnd ? ['end'] : []))
    return { result: { pruned: listed.length, isUnderWay: !isEnd } }
  }
}

test('U1 P11 a step that the leader is too busy for is tried again in its place: no family is read anew', async () => {
  const hive = await interrupted(6_000)
  const left = await hive.engine.engine.read(async ({ state }) => {
    const keys: string[] = []
    const range = { gte: keyKey(hive.scope, bytesOf('a/')), lt: keyKey(hive.scope, bytesOf('a0')) }
    for await (const key of state.scanKeys(range)) keys.push(Buffer.from(key.subarray(-8)).toString())
    return keys
  })
  const named: string[] = []
  const upkeep = upkeepOf(hive, { submit: pruningUnderLoad(named), timers: hastyTimers })
  upkeep.request(hive.scope)
  for (let turn = 0; turn < 10_000 && !named.includes('end'); turn += 1) await turns(1)
  await upkeep.stop()
  expect(named.slice(0, left.length + 1)).toEqual([...left, 'end'])
})

test('U1 a step that waits for a busy leader does not keep the end of the term waiting', async () => {
  const hive = await interrupted(3_000)
  let asked = 0
  const upkeep = upkeepOf(hive, {
    submit: async () => {
      asked += 1
      throw fault('BUSY', 'too many writes are waiting', {}, { retryAfterMs: 1 })
    },
    timers: { ...systemTimers, after: () => () => undefined },
  })
  upkeep.request(hive.scope)
  for (let turn = 0; turn < 10_000 && asked === 0; turn += 1) await turns(1)
  await upkeep.stop()
  expect(asked).toBeGreaterThan(0)
})

test('U3 what failed is met again after its while, however often it is asked for until then', async () => {
  const store = new MemoryStore()
  const hive = await interrupted(3_000, store)
  const [job] = jobsUnderWay(store, hive.scope)
  const policies = prunePoliciesKey(hive.scope, job?.id as never)
  const read = store.get.bind(store)
  store.get = (key) => {
    if (equalBytes(key, policies)) throw engineFault('CORRUPT', 'a damaged row')
    return read(key)
  }
  const told: string[] = []
  const pauses: (() => void)[] = []
  const upkeep = upkeepOf(hive, {
    submit: () => Promise.reject(new Error('nothing is submitted')),
    timers: { ...systemTimers, after: (_, over) => (pauses.push(over), () => undefined) },
    logger: { ...silentLogger, error: (message) => void told.push(message) },
  })
  for (let n = 0; n < 20; n += 1) {
    upkeep.request(hive.scope)
    await turns(5)
  }
  expect(told).toHaveLength(1)
  for (const over of pauses) over()
  await turns(5)
  expect(told).toHaveLength(2)
  await upkeep.stop()
})

test('P2 of a deleted collective no prune goes on, however long its rows wait to be swept', async () => {
  const store = new MemoryStore()
  const hive = await openPrunedHive({ store })
  await hive.put(Array.from({ length: 3_000 }, (_, n) => `a/${n}`))
  // Whoever sweeps does not come to it.
  store.scanKeys = ((scan) => (range) => {
    if (range.gte[0] === 0x11) throw engineFault('CORRUPT', 'a damaged row')
    return scan(range)
  })(store.scanKeys.bind(store))
  const { job } = await hive.call('keys.prune', { policies: [dropFamily('a/')] })
  await hive.call('collective.delete')
  await turns(20)
  const policies = prunePoliciesKey(hive.scope, job as never)
  const read = store.get.bind(store)
  let begun = 0
  store.get = (key) => {
    if (equalBytes(key, policies)) begun += 1
    return read(key)
  }
  await turns(200)
  expect(jobsUnderWay(store, hive.scope)).toHaveLength(1)
  expect(begun).toBe(0)
  await hive.engine.engine.close()
})
