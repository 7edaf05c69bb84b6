/**
 * Walks the journals of all collectives and has their rows pruned, in calls that are bounded: one that has not come to
 * the end says so, and the next goes on where it stopped. A journal of the memory is kept by the age of its rows, one
 * of keys by the rule of its collective. What fails for one collective, such as rows that are damaged, keeps no other
 * waiting.
 */
import { prefixEnd, present, type Logger } from '@waggle/kernel'
import type { Address, CollectiveId } from '@waggle/protocol'
import type { Answer, OwnCommand } from '../commit/submission.ts'
import { isRefusedForNow } from '../errors.ts'
import { decodeCollective } from '../memory/collective/collective-rows.ts'
import { decodeJournalRow } from '../memory/journal.ts'
import {
  addressOfJournalKey,
  collectiveOfKey,
  directoryPrefix,
  JOURNAL_STORE,
  journalPrefix,
  type Scope,
} from '../state/keyspace.ts'
import type { KeyValueStore } from '../store/key-value-store.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { abandonCursorsOf } from '../watch/cursor-upkeep.ts'
import { PRUNED_ROWS_MAX, type JournalCommands } from './journal-commands.ts'

/** Rows of the directory that one call looks at: each costs a seek or two, about 0.1 s together. */
const DIRECTORY_ROWS_MAX = 1_000
/** Events that one call has written: together some 16,000 rows. */
const EVENTS_MAX = 64

export interface JournalPruning {
  /** Rows that this call removed. */
  readonly pruned: number
  /** False when there is more to look at: call again. */
  readonly done: boolean
}

export interface JournalPrunerParts {
  readonly store: KeyValueStore
  readonly logger: Logger
  /** Time of the newest record, never a clock's: a shard without writes ages nothing. */
  readonly timeMs: () => number
  readonly isStopped: () => boolean
  readonly submit: (command: OwnCommand) => Promise<Answer>
  /** Prunes a step of a journal of keys. @returns rows that went. @throws Fault */
  readonly applyRule: (scope: Scope) => Promise<number>
}

interface Walked {
  pruned: number
  events: number
}

interface Found {
  readonly id: CollectiveId
  readonly scope: Scope
}

export class JournalPruner {
  readonly #parts: JournalPrunerParts
  /** Where the next call goes on: a key of the directory. */
  #from = directoryPrefix()

  constructor(parts: JournalPrunerParts) {
    this.#parts = parts
  }

  /** @throws Fault that a step was refused with for now; the walk goes on at the same collective. */
  async prune(keepMs: number): Promise<JournalPruning> {
    const { store, isStopped } = this.#parts
    const lt = present(prefixEnd(directoryPrefix()), 'an end of the directory')
    const walked: Walked = { pruned: 0, events: 0 }
    let seen = 0
    for await (const [key, bytes] of store.scan({ gte: this.#from, lt })) {
      this.#from = key
      if (isStopped() || (seen += 1) > DIRECTORY_ROWS_MAX) return { pruned: walked.pruned, done: false }
      const owner = collectiveOfKey(key)
      if (owner === undefined) continue
      const { scope } = decodeCollective(owner.tenant, owner.id, bytes)
      await this.#abandonCursors(scope)
      const isDone =
        (await this.#attend(walked, () => this.#step({ id: owner.id, scope }, keepMs))) &&
        (await this.#attend(walked, () => this.#parts.applyRule(scope)))
      if (!isDone) return { pruned: walked.pruned, done: false }
    }
    this.#from = directoryPrefix()
    return { pruned: walked.pruned, done: true }
  }

  /** Before its journals are pruned: what nobody waits for any more holds nothing. */
  async #abandonCursors(scope: Scope): Promise<void> {
    await this.#attend({ pruned: 0, events: 0 }, async () => {
      await abandonCursorsOf(this.#parts, scope)
      return 0
    })
  }

  /** As `#walk`; a journal that cannot be pruned is passed over, and told. */
  async #attend(walked: Walked, step: () => Promise<number>): Promise<boolean> {
    try {
      return await this.#walk(walked, step)
    } catch (error) {
      if (isRefusedForNow(error)) throw error
      this.#parts.logger.error('pruning a journal failed', { reason: String(error) })
      return true
    }
  }

  /** Prunes a journal step by step until less goes than a step takes. @returns whether it came so far */
  async #walk(walked: Walked, step: () => Promise<number>): Promise<boolean> {
    for (let rows = PRUNED_ROWS_MAX; rows === PRUNED_ROWS_MAX; walked.pruned += rows) {
      if (this.#parts.isStopped() || walked.events === EVENTS_MAX) return false
      rows = await step()
      if (rows > 0) walked.events += 1
    }
    return true
  }

  /** Rows that went. A journal without rows to prune costs no command. */
  async #step({ id, scope }: Found, keepMs: number): Promise<number> {
    const store = JOURNAL_STORE.memory
    const listed = await this.#listOld(scope, store, this.#parts.timeMs() - keepMs)
    const [next, ...addresses] = listed.reverse()
    if (next === undefined || addresses.length === 0) return 0
    const fields: JournalCommands['maintenance.pruneJournal'] = {
      ...{ collective: id, scope, store, keepMs, next },
      addresses: addresses.reverse(),
    }
    const { result } = await this.#parts.submit({ name: 'maintenance.pruneJournal', tenant: scope.tenant, fields })
    return (result as { readonly pruned: number }).pruned
  }

  /** The first rows that are old enough, as many as a step takes, and the one after them or the newest. */
  async #listOld(scope: Scope, store: number, cutOffMs: number): Promise<Address[]> {
    const addresses: Address[] = []
    const range = { ...prefixRange(journalPrefix(scope, store)), limit: PRUNED_ROWS_MAX + 1 }
    for await (const [key, bytes] of this.#parts.store.scan(range)) {
      addresses.push(addressOfJournalKey(key))
      if (decodeJournalRow(bytes).timeMs >= cutOffMs) break
    }
    return addresses
  }
}
