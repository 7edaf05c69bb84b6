/**
 * Carries a prune out at the leader: policy after policy, in steps that are decided like any other write. Nothing of it
 * is kept but what the log says, so another leader begins again with the first policy; one that was carried out finds
 * nothing more to do then.
 */
import type { Timers } from '@waggle/kernel'
import type { PrunePolicy } from '@waggle/protocol'
import type { Scope } from '../../state/keyspace.ts'
import type { BatchPruner, BatchPrunerParts } from './batch-pruner.ts'
import { familyKeys, type Family, type FamilyKey, type FamilyRow } from './key-families.ts'
import { groupOf, numberOf, orderOf, type Ordered } from './key-order.ts'
import { LatestRows } from './latest-rows.ts'
import { PRUNED_KEYS_MAX, type PruneCommands, type PruneStep } from './prune-commands.ts'
import { preparePolicy, type KeyPolicy } from './prune-policies.ts'
import { readPolicies, type StoredJob } from './prune-rows.ts'
import { lowestKept, type SingleRule } from './single-rule.ts'

/** Bytes of values that one step looks at, unless one is larger: some milliseconds. */
const STEP_BYTES_MAX = 4_000_000
/**
 * Rows that `keepLatest` keeps at a time, and as many again: 20 MB at the very most. Families with more to keep are
 * gone through several times.
 */
const LATEST_ROWS_MAX = 16_384

export interface PruneRunParts extends BatchPrunerParts {
  readonly timers: Timers
  readonly batches: BatchPruner
  /** In place of `LATEST_ROWS_MAX`. */
  readonly latestRowsMax?: number
}

export class PruneRun {
  readonly #parts: PruneRunParts
  readonly #scope: Scope
  readonly #job: StoredJob
  #keys: FamilyRow[] = []
  #bytes = 0
  /** False once the job has ended otherwise: its collective was deleted. */
  #isUnderWay = true

  constructor(parts: PruneRunParts, scope: Scope, job: StoredJob) {
    this.#parts = parts
    this.#scope = scope
    this.#job = job
  }

  /** Resolves when the job has ended, or was stopped: then another run goes on. @throws Fault */
  async run(): Promise<void> {
    for (const policy of readPolicies(this.#parts.store, this.#scope, this.#job.id) ?? []) await this.#carryOut(policy)
    if (!this.#isStopped()) await this.#submit(true)
  }

  readonly #isStopped = (): boolean => !this.#isUnderWay || this.#parts.isStopped()

  async #carryOut({ keys, retain }: PrunePolicy): Promise<void> {
    if (this.#isStopped()) return
    const { batches } = this.#parts
    if (keys === undefined) await batches.applyPolicy(this.#scope, this.#job, retain)
    else {
      const policy = preparePolicy(keys, retain, 'policies')
      if ('keepLatest' in retain) await this.#keepLatest(policy, retain.keepLatest.count)
      else await this.#prune(policy, goesBy(retain))
      policy.regex?.forget()
    }
    // Policies take effect one after the other.
    await this.#flush()
  }

  /** Prunes each key that the rule does not keep by itself. */
  async #prune(policy: KeyPolicy, goes: (policy: KeyPolicy, found: FamilyKey) => boolean): Promise<void> {
    for await (const found of familyKeys(this.#family(policy))) {
      if (groupOf(policy, found.captures) === undefined || !goes(policy, found)) continue
      const row = found.row()
      if (row !== undefined) await this.#take(row)
    }
  }

  async #keepLatest(policy: KeyPolicy, count: number): Promise<void> {
    const { latestRowsMax: rowsMax = LATEST_ROWS_MAX } = this.#parts
    for (let from: string | undefined = ''; from !== undefined && !this.#isStopped();)
      from = await this.#pass(policy, new LatestRows<FamilyRow & Ordered>(count, { rowsMax, from }))
  }

  /** @returns from which group on another pass is due, if one is */
  async #pass(policy: KeyPolicy, latest: LatestRows<FamilyRow & Ordered>): Promise<string | undefined> {
    for await (const found of familyKeys(this.#family(policy))) {
      const group = groupOf(policy, found.captures)
      if (group === undefined || !latest.isAbout(group)) continue
      const row = found.row()
      if (row === undefined) continue
      const order = orderOf(policy, found.captures)
      for (const surplus of latest.add(group, { ...row, order })) await this.#take(surplus)
    }
    // Of a part of a family nobody can tell what is the oldest of it.
    if (this.#isStopped()) return undefined
    const { rows, next } = latest.end()
    for (const row of rows) await this.#take(row)
    await this.#flush()
    return next
  }

  #family(policy: KeyPolicy): Family {
    const { store, timers } = this.#parts
    const { address: before } = this.#job
    return { store, timers, scope: this.#scope, policy, before, isStopped: this.#isStopped }
  }

  async #take(row: FamilyRow): Promise<void> {
    this.#keys.push(row)
    this.#bytes += row.size
    if (this.#keys.length >= PRUNED_KEYS_MAX || this.#bytes >= STEP_BYTES_MAX) await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#keys.length > 0 && !this.#isStopped()) await this.#submit(false)
  }

  async #submit(isEnd: boolean): Promise<void> {
    const keys = this.#keys.map(({ key, address }) => [key, address] as const)
    this.#keys = []
    this.#bytes = 0
    const fields: PruneCommands['maintenance.pruneKeys'] = { scope: this.#scope, job: this.#job.id, keys, isEnd }
    const { tenant } = this.#scope
    const { result } = await this.#parts.submit({ name: 'maintenance.pruneKeys', tenant, fields })
    this.#isUnderWay = (result as PruneStep).isUnderWay
  }
}

/** Whether a key goes by a rule that asks for nothing but the key. */
const goesBy = (rule: SingleRule): ((policy: KeyPolicy, found: FamilyKey) => boolean) => {
  const lowest = lowestKept(rule)
  if (lowest === undefined) return () => true
  return (policy, { captures }) => numberOf(orderOf(policy, captures)) < lowest
}
