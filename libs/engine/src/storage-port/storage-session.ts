/** What the methods of an opened storage port share: how they read, how they command, and that it may be closed. */
import type { Uuid } from '@waggle/kernel'
import { fault, type CollectiveId, type TenantId } from '@waggle/protocol'
import { readOnlyFault } from '../errors.ts'
import type { Engine } from '../engine.ts'
import type { StorageCommandName, StorageCommands, StorageResults } from './storage-commands.ts'
import { Holders, TenantReading } from './tenant-reading.ts'

export interface CommandOptions {
  /** The collective that the command's events belong to. */
  readonly collective?: CollectiveId
  /** Size of what it carries, for the bound of the mailbox. */
  readonly bytes?: number
}

export class StorageSession {
  readonly tenant: TenantId
  readonly isReadOnly: boolean
  readonly #engine: Engine
  readonly #holders = new Holders()
  readonly #turns = new Map<Uuid, Promise<void>>()
  #isClosed = false

  constructor(engine: Engine, tenant: TenantId, { readOnly }: { readonly readOnly: boolean }) {
    this.#engine = engine
    this.tenant = tenant
    this.isReadOnly = readOnly
  }

  /** Runs `use` over one moment of the tenant. @throws Fault `CLOSED` */
  async read<Result>(use: (reading: TenantReading) => Promise<Result> | Result): Promise<Result> {
    this.#checkOpen()
    return this.#engine.read((reading) => use(new TenantReading(reading, this.tenant, this.#holders)))
  }

  /** Resolves when what the command decided is durable. @throws Fault `CLOSED`, `READ_ONLY`, and as it is decided */
  async command<Name extends StorageCommandName>(
    name: Name,
    fields: StorageCommands[Name],
    { collective, bytes = 0 }: CommandOptions = {},
  ): Promise<StorageResults[Name]> {
    this.checkWritable()
    const of = collective === undefined ? {} : { collective }
    const { result } = await this.#engine.submit({ name, tenant: this.tenant, fields, bytes, ...of })
    return result as StorageResults[Name]
  }

  /**
   * Runs `work` after all that was begun for the same id: between looking where an id is and saving it, nobody may save
   * it elsewhere.
   */
  async inTurn<Result>(id: Uuid, work: () => Promise<Result>): Promise<Result> {
    const before = this.#turns.get(id)
    const running = (before ?? Promise.resolve()).then(work)
    const settled = running.then(
      () => undefined,
      () => undefined,
    )
    this.#turns.set(id, settled)
    try {
      return await running
    } finally {
      if (this.#turns.get(id) === settled) this.#turns.delete(id)
    }
  }

  /** @throws Fault `CLOSED`, `READ_ONLY` */
  checkWritable(): void {
    this.#checkOpen()
    if (this.isReadOnly) throw readOnlyFault()
  }

  /** Says where an id was saved. */
  remember(id: Uuid, collective: CollectiveId): void {
    this.#holders.remember(id, collective)
  }

  /** Nothing is taken any more; what was begun ends. */
  close(): void {
    this.#isClosed = true
  }

  /** @throws Fault `CLOSED` */
  #checkOpen(): void {
    if (this.#isClosed) throw fault('CLOSED', 'the store was closed')
  }
}
