/**
 * What the suite of the storage port needs of an engine. One store serves a whole run: each case has a tenant of its
 * own, which is as empty as a new database.
 */
import { isFault } from '@waggle/kernel'
import type { ManualClock } from '@waggle/kernel/testing'
import type { BuiltName, TenantId } from '@waggle/protocol'
import { beforeEach, expect } from 'vitest'
import type { StorageConfig } from '../../storage-port/engine-storage.ts'
import type { Storage } from '../../storage-port/storage-engine.ts'

export interface StorageStore {
  readonly clock: ManualClock
  /** Opens the port. @throws Fault */
  storage(tenant: TenantId, config?: StorageConfig): Promise<Storage>
  /** Executes an operation of the table, beside the port. @throws Fault */
  execute(tenant: TenantId, operation: BuiltName, body: object): Promise<Readonly<Record<string, unknown>>>
  /** Closes what is open and opens what is stored; ports that were open are of no use any more. */
  reopen(): Promise<void>
  /** Closes it and removes all traces. */
  dispose(): Promise<void>
}

/** A case's own tenant of the store under test, with the port open. */
export class StorageCase {
  readonly store: StorageStore
  readonly tenant: TenantId
  storage: Storage

  private constructor(store: StorageStore, tenant: TenantId, storage: Storage) {
    this.store = store
    this.tenant = tenant
    this.storage = storage
  }

  static async open(store: StorageStore, tenant: string): Promise<StorageCase> {
    return new StorageCase(store, tenant as TenantId, await store.storage(tenant as TenantId))
  }

  /** As another process would find it after this one is gone. */
  async reopen(): Promise<void> {
    await this.store.reopen()
    this.storage = await this.store.storage(this.tenant)
  }

  async call(operation: BuiltName, body: object): Promise<Readonly<Record<string, unknown>>> {
    return this.store.execute(this.tenant, operation, body)
  }
}

/** Hands out the case of the test that runs. */
export type CaseOf = () => StorageCase

let tenants = 0

/** Opens a tenant before each test; what it returns gives the case of the running test. */
export const eachCase = (store: () => StorageStore): CaseOf => {
  let current: StorageCase | undefined
  beforeEach(async () => {
    current = await StorageCase.open(store(), `case-${(tenants += 1)}`)
  })
  return () => current as StorageCase
}

/** That a call is refused with this code, and these details. */
export const expectRefused = async (call: Promise<unknown>, code: string, details: object = {}) => {
  const outcome: unknown = await call.catch((error: unknown) => error)
  expect(isFault(outcome) ? outcome.toJSON() : outcome).toMatchObject({ code, details })
}
