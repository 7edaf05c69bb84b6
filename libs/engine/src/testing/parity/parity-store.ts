/**
 * What the parity suites ask of a store: operations of our table, by name, and a clock that moves when it is told to.
 * So they run on anything that executes operations.
 *
 * PulseDB opens a database for each of its cases. Here one store serves all cases of a suite, and each has a tenant
 * of its own, which is as empty as a new database.
 */
import type { BuiltName, CollectiveId, ResultOf, TenantId } from '@waggle/protocol'
import type { StorageEngine } from '../../storage-port/storage-engine.ts'
import type { EngineSettings } from '../../settings.ts'

/** How a store is opened again; what is absent is as it was at first. */
export interface Reopening {
  readonly settings?: EngineSettings
  readonly readOnly?: boolean
}

export interface ParityStore {
  /** @throws Fault */
  execute(tenant: TenantId, operation: BuiltName, body: object): Promise<Readonly<Record<string, unknown>>>
  /** PulseDB's storage port over the same engine. */
  storage(tenant: TenantId): Promise<StorageEngine>
  /** Moves the store's clock. */
  advance(durationMs: number): void
  nowMs(): number
  /** Closes what is open and opens what is stored. */
  reopen(how?: Reopening): Promise<void>
  /** A new store of the same sort. */
  another(): Promise<ParityStore>
  /** Closes it and removes all traces. */
  dispose(): Promise<void>
}

/** Executes an operation for the case's tenant. */
export type Call = <Name extends BuiltName>(operation: Name, body?: object) => Promise<ResultOf<Name>>

/** One case: its own tenant of the store, with one collective of PulseDB's default dimension. */
export interface ParityCase {
  readonly store: ParityStore
  readonly tenant: TenantId
  readonly collective: CollectiveId
  readonly call: Call
}

/** A case that begins with an empty tenant. */
export type EmptyCase = Omit<ParityCase, 'collective'>

/** Registers one case. Its title begins with PulseDB's file and name: `activity.rs test_register_activity: …`. */
export interface Cases {
  (title: string, body: (given: ParityCase) => Promise<void>): void
  /** The tenant has no collective yet. */
  empty(title: string, body: (given: EmptyCase) => Promise<void>): void
  /** The store is opened as at first when the case is done, however that opened it. */
  reopening(title: string, body: (given: ParityCase) => Promise<void>): void
}
