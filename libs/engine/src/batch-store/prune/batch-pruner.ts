/** Has journals of keys pruned step by step: lists their first rows, and asks the leader where some of them may go. */
import type { Uuid } from '@waggle/kernel'
import type { Address, Retain, Sequence } from '@waggle/protocol'
import type { Answer, OwnCommand } from '../../commit/submission.ts'
import { addressOfJournalKey, JOURNAL_STORE, journalKey, type Scope } from '../../state/keyspace.ts'
import type { KeyValueStore } from '../../store/key-value-store.ts'
import { keyJournalRange } from '../key-journal.ts'
import { readKeyStore } from '../key-rows.ts'
import { PRUNED_ROWS_MAX, type BatchCommands } from './batch-commands.ts'
import { isBelow, prunableRows, type FirstRows } from './batch-pruning.ts'
import { isPruneRow, type StoredJob } from './prune-rows.ts'
import { readPrunedBatch, wasPruned } from './pruned-batches.ts'
import { readRetention } from './retention-rows.ts'
import { lowestKept } from './single-rule.ts'

export interface BatchPrunerParts {
  readonly store: KeyValueStore
  readonly isStopped: () => boolean
  readonly submit: (command: OwnCommand) => Promise<Answer>
}

export class BatchPruner {
  readonly #parts: BatchPrunerParts

  constructor(parts: BatchPrunerParts) {
    this.#parts = parts
  }

  /** Prunes a step by the rule of the collective. @returns rows that went; 0: there is nothing more. @throws Fault */
  async applyRule(scope: Scope): Promise<number> {
    const { store } = this.#parts
    const rule = readRetention(store, scope)
    // B3: also without a rule, what is left of a batch goes.
    if (rule === undefined) return wasPruned(store, scope) ? this.#step(scope, { isOver: () => true }) : 0
    if (!('keepLatest' in rule)) return this.#step(scope, { isOver: (sequence) => !isBelow(sequence, rule) })
    const surplus = readKeyStore(store, scope).batchCount - rule.keepLatest.count
    // In the steady state one batch goes with each that comes: no more need be listed than may go.
    return this.#step(scope, { isOver: (_, batches) => batches > surplus })
  }

  /** Prunes the batches that a policy of a job does not keep, of those before the job. @throws Fault */
  async applyPolicy(scope: Scope, { id: job, address }: StoredJob, retain: Retain): Promise<void> {
    const cutOff = await this.#cutOffOf(scope, retain, address.sequence)
    const policy = { job, cutOff }
    const isOver = (sequence: number): boolean => sequence >= cutOff
    while (!this.#parts.isStopped() && (await this.#step(scope, { isOver, policy })) > 0);
  }

  /** @param isOver whether the journal need not be listed from that row on */
  async #step(
    scope: Scope,
    { isOver, policy }: { readonly isOver: IsOver; readonly policy?: { readonly job: Uuid; readonly cutOff: number } },
  ): Promise<number> {
    const { store, submit } = this.#parts
    const first = await this.#list(scope, isOver)
    // What would be decided anyway: a command without effect still costs a record.
    if (prunableRows(store, scope, first, policy?.cutOff).rows === 0) return 0
    const fields: BatchCommands['maintenance.pruneBatches'] = {
      ...first,
      scope,
      ...(policy === undefined ? {} : { policy }),
    }
    const { result } = await submit({ name: 'maintenance.pruneBatches', tenant: scope.tenant, fields })
    return (result as { readonly pruned: number }).pruned
  }

  /** The first rows, as many as a step takes, and the one after them. What was deleted before them is passed over. */
  async #list(scope: Scope, isOver: IsOver): Promise<FirstRows> {
    const { store } = this.#parts
    const addresses: Address[] = []
    const pruned = readPrunedBatch(store, scope)
    const range = { ...keyJournalRange(scope, Math.max(0, pruned)), limit: PRUNED_ROWS_MAX + 1 }
    let [batches, last] = [0, pruned]
    for await (const key of store.scanKeys(range)) {
      const address = addressOfJournalKey(key)
      if (address.sequence > last && !isPruneRow(store, scope, address)) {
        batches += 1
        last = address.sequence
      }
      const isLeft = address.sequence > pruned && isOver(address.sequence, batches)
      if (isLeft || addresses.length === PRUNED_ROWS_MAX) return { addresses, next: address }
      addresses.push(address)
    }
    return { addresses }
  }

  /** Batches below it go. */
  async #cutOffOf(scope: Scope, retain: Retain, current: number): Promise<number> {
    if ('keepLatest' in retain) return this.#latest(scope, retain.keepLatest.count, current)
    const lowest = lowestKept(retain)
    return lowest === undefined || lowest >= BigInt(current) ? current : Number(lowest)
  }

  /** The oldest of the newest so many batches before `current`; 0 where there are fewer. */
  async #latest(scope: Scope, count: number, current: number): Promise<number> {
    const { store, isStopped } = this.#parts
    const range = {
      gte: keyJournalRange(scope, Math.max(0, readPrunedBatch(store, scope) + 1)).gte,
      lt: journalKey(scope, JOURNAL_STORE.keys, { sequence: current as Sequence, index: 0 }),
      reverse: true,
    }
    let [batches, last] = [0, current]
    for await (const key of store.scanKeys(range)) {
      const address = addressOfJournalKey(key)
      if (isStopped()) return 0
      if (address.sequence === last || isPruneRow(store, scope, address)) continue
      last = address.sequence
      batches += 1
      if (batches === count) return last
    }
    return 0
  }
}

/** @param batches how many there are up to that row, with its own */
type IsOver = (sequence: number, batches: number) => boolean
