/**
 * One moment of everything that a tenant has.
 *
 * Ids of records are looked for in all collectives, one point read each; where one was found is remembered as a hint,
 * so that it is found again by one. A tenant with thousands of collectives pays milliseconds for an id that is not
 * there.
 */
import type { Uuid } from '@waggle/kernel'
import type { CollectiveId, Sequence, TenantId } from '@waggle/protocol'
import { readCollective, scanCollectives, type StoredCollective } from '../memory/collective/collective-rows.ts'
import type { Reading } from '../query/applied-state.ts'
import { compareAddresses } from '../state/address-order.ts'
import type { Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'

/** Some 10 MB. */
const HINTS_MAX = 65_536

/** The collectives of a tenant at one moment, oldest first. */
interface Directory {
  readonly sequence: Sequence
  readonly collectives: Promise<readonly StoredCollective[]>
}

/** Where ids were found last; a wrong hint costs one read. And what the newest moment's directory was. */
export class Holders {
  readonly #collectives = new Map<Uuid, CollectiveId>()
  #directory: Directory | undefined

  /** Whoever reads the same moment shares one scan. */
  directoryAt(sequence: Sequence, read: () => Promise<readonly StoredCollective[]>): Directory['collectives'] {
    if (this.#directory?.sequence !== sequence) {
      const directory: Directory = { sequence, collectives: read() }
      // A scan that failed is nobody's.
      directory.collectives.catch(() => {
        if (this.#directory === directory) this.#directory = undefined
      })
      this.#directory = directory
    }
    return this.#directory.collectives
  }

  hint(id: Uuid): CollectiveId | undefined {
    return this.#collectives.get(id)
  }

  remember(id: Uuid, collective: CollectiveId): void {
    this.#collectives.delete(id)
    this.#collectives.set(id, collective)
    const [oldest] = this.#collectives.keys()
    if (this.#collectives.size > HINTS_MAX && oldest !== undefined) this.#collectives.delete(oldest)
  }
}

export class TenantReading {
  readonly #reading: Reading
  readonly #tenant: TenantId
  readonly #holders: Holders

  constructor(reading: Reading, tenant: TenantId, holders: Holders) {
    this.#reading = reading
    this.#tenant = tenant
    this.#holders = holders
  }

  get state(): StoreReader {
    return this.#reading.state
  }

  collective(id: CollectiveId): StoredCollective | undefined {
    return readCollective(this.state, this.#tenant, id)
  }

  /** Oldest first, by time of creation, then by their place in the log. */
  collectives(): Promise<readonly StoredCollective[]> {
    return this.#holders.directoryAt(this.#reading.sequence, () => this.#scanDirectory())
  }

  async #scanDirectory(): Promise<readonly StoredCollective[]> {
    const found: StoredCollective[] = []
    for await (const stored of scanCollectives(this.state, this.#tenant)) found.push(stored)
    return found.sort(
      ({ collective: left, scope: leftScope }, { collective: right, scope: rightScope }) =>
        left.createdAt - right.createdAt || compareAddresses(leftScope.incarnation, rightScope.incarnation),
    )
  }

  /** The collective that has the row of an id. */
  async holderOf(id: Uuid, keyOf: (scope: Scope, id: Uuid) => Uint8Array): Promise<StoredCollective | undefined> {
    const has = ({ scope }: StoredCollective): boolean => this.state.get(keyOf(scope, id)) !== undefined
    const hint = this.#holders.hint(id)
    const hinted = hint && this.collective(hint)
    if (hinted !== undefined && has(hinted)) return hinted
    const holder = (await this.collectives()).find(has)
    if (holder !== undefined) this.#holders.remember(id, holder.collective.id)
    return holder
  }
}
