/** A collective whose keys are written and pruned, looked at from outside and in its rows. */
import { present, poll, systemClock, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT, type BuiltName, type CollectiveId, type PruneJob, type ResultOf } from '@waggle/protocol'
import { keyJournalRows } from '../../batch-store/key-journal.ts'
import { readCollective } from '../../memory/collective/collective-rows.ts'
import type { Scope } from '../../state/keyspace.ts'
import { openTestEngine, type TestEngine, type TestEngineOptions } from '../test-engine.ts'

const DEADLINE_MS = 20_000

/** Bytes, one character each. */
export type Latin = string
export const bytesOf = (latin: Latin): Uint8Array => Buffer.from(latin, 'latin1')
const latinOf = (bytes: Uint8Array): Latin =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
/** A number as 8 bytes, big-endian, that sort as the number does where it is none below 0. */
export const int64 = (value: number | bigint): Latin => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return latinOf(bytes)
}

/** A row of the journal: its sequence, what it put, and what it deleted. */
export type ToldBatch = readonly [sequence: number, put: readonly Latin[], deleted: readonly Latin[]]

export interface PrunedHive {
  readonly engine: TestEngine
  readonly id: CollectiveId
  readonly scope: Scope
  call<Name extends BuiltName>(operation: Name, fields?: object): Promise<ResultOf<Name>>
  /** One batch; the values are the keys unless they are given. @returns its sequence */
  put(keys: readonly Latin[], value?: Latin): Promise<number>
  /** Prunes, and waits until it has ended. */
  prune(policies: readonly object[], options?: object): Promise<PruneJob>
  /** Sets the rule, and waits until it was applied. */
  retain(rule?: object): Promise<PruneJob>
  ended(job: string): Promise<PruneJob>
  keys(): Promise<readonly Latin[]>
  oldest(): Promise<number | undefined>
  current(): Promise<number>
  /** What of the journal is there as rows, whether or not it counts as gone. */
  journal(): Promise<readonly ToldBatch[]>
  /** Waits until that holds. @throws Error that says what was seen last */
  settles(what: () => Promise<unknown>, expected: unknown): Promise<void>
}

export const createPrunedHive = async (engine: TestEngine, name = 'bees'): Promise<PrunedHive> => {
  const { collective } = await engine.call('collective.create', { name, dimension: 1 })
  return prunedHiveOf(engine, (collective as { id: CollectiveId }).id)
}

export const openPrunedHive = async (options?: TestEngineOptions): Promise<PrunedHive> =>
  createPrunedHive(await openTestEngine(options))

/** The collective of that id, as another engine has it. */
export const prunedHiveOf = (engine: TestEngine, id: CollectiveId): PrunedHive => {
  const { scope } = present(readCollective(engine.store, DEFAULT_TENANT, id), 'the collective')
  const call: PrunedHive['call'] = async (operation, fields = {}) =>
    (await engine.call(operation, { collective: id, ...fields })) as never
  const ended: PrunedHive['ended'] = async (job) =>
    eventually('the job ends', async () => {
      const found = (await call('keys.job', { job })).job
      return { answer: found?.isDone === true ? found : undefined, seen: found }
    })
  return {
    ...{ engine, id, scope, call, ended },
    async put(keys, value) {
      const entries = keys.map((key) => [bytesOf(key), bytesOf(value ?? key)])
      return (await call('keys.put', { entries })).sequence
    },
    prune: async (policies, options = {}) => ended((await call('keys.prune', { policies, ...options })).job),
    retain: async (rule) => ended((await call('keys.setRetention', rule === undefined ? {} : { rule })).job),
    async keys() {
      const keys: Latin[] = []
      for (let after: Uint8Array | undefined; ;) {
        const { items, more } = await call('keys.range', after === undefined ? {} : { after })
        keys.push(...items.map(([key]) => latinOf(key)))
        if (!more) return keys
        after = items.at(-1)?.[0]
      }
    },
    oldest: async () => (await call('keys.position')).oldest,
    current: async () => (await call('keys.position')).current,
    async journal() {
      const told: ToldBatch[] = []
      for await (const { address, row } of keyJournalRows(engine.store, scope, 0))
        told.push([address.sequence, row.entries.map(([key]) => latinOf(key)), row.deleted.map(latinOf)])
      return told
    },
    async settles(what, expected) {
      const text = JSON.stringify(expected)
      await eventually(`it becomes ${text}`, async () => {
        const seen = await what()
        return { answer: JSON.stringify(seen) === text || undefined, seen }
      })
    },
  }
}

/** Asks until there is an answer. @throws Error with what was seen last */
const eventually = async <Answer>(
  what: string,
  ask: () => Promise<{ readonly answer: Answer | undefined; readonly seen: unknown }>,
): Promise<Answer> => {
  let seen: unknown
  const answer = await poll(
    { clock: systemClock, timers: systemTimers },
    { everyMs: 1, durationMsMax: DEADLINE_MS },
    async () => {
      const asked = await ask()
      seen = asked.seen
      return asked.answer
    },
  )
  if (answer === undefined) throw new Error(`never happened: ${what}; seen: ${JSON.stringify(seen)}`)
  return answer
}
