import { invalidField, limits, tooManyItems } from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall, Written } from '../collective-call.ts'
import type { BytesInput } from '../inputs.ts'
import { isList, optionsOf, plainCopy } from '../plain-data.ts'
import { SESSION_OPTIONS, type WriteOptions } from '../session.ts'
import type { KeyEntryInput } from './key-inputs.ts'
import type { KeyPrefix } from './key-prefix.ts'
import { putEntries } from './large-put.ts'

/** Whose keys a write means. */
export type PrefixOf<Keys> = (under: Keys | undefined) => KeyPrefix

type Command =
  | { readonly operation: 'keys.put'; readonly entries: readonly unknown[] }
  | { readonly operation: 'keys.delete'; readonly keys: readonly unknown[] }

/**
 * Writes under several prefixes that become one batch with one sequence, all or none. It is committed once: committing
 * it again, after a fault, is the same write and takes effect once.
 */
export class KeyWriteBatch<Keys> {
  readonly #call: CollectiveCall
  readonly #prefixOf: PrefixOf<Keys>
  readonly #idempotencyKey: string
  readonly #commands: Command[] = []
  #isClosed = false

  constructor(call: CollectiveCall, prefixOf: PrefixOf<Keys>) {
    this.#call = call
    this.#prefixOf = prefixOf
    this.#idempotencyKey = call.newKey()
  }

  /** @param under whose keys they are; absent: of the store that made the batch @throws Fault */
  put(entries: readonly KeyEntryInput[], under?: Keys): this {
    const prefix = this.#prefixOf(under)
    this.#add({
      operation: 'keys.put',
      entries: listOf(prefix.entries(plainCopy(entries, 'entries'), 'entries'), 'entries'),
    })
    return this
  }

  /** @param under whose keys they are; absent: of the store that made the batch @throws Fault */
  delete(keys: readonly BytesInput[], under?: Keys): this {
    const prefix = this.#prefixOf(under)
    this.#add({ operation: 'keys.delete', keys: listOf(prefix.keys(plainCopy(keys, 'keys'), 'keys'), 'keys') })
    return this
  }

  /** Writes all of it. @throws Fault */
  async commit(options: WriteOptions = {}): Promise<Written & { readonly sequence: number }> {
    const known: RequestBody = { idempotencyKey: this.#idempotencyKey, ...optionsOf(options, SESSION_OPTIONS) }
    this.#isClosed = true
    const puts = this.#commands.flatMap((command) => (command.operation === 'keys.put' ? command.entries : []))
    const { sequence, token } = this.#commands.some(({ operation }) => operation === 'keys.delete')
      ? await this.#call.call('batch.commit', { commands: this.#commands }, known)
      : await putEntries(this.#call, puts, known)
    return { sequence, token }
  }

  #add(command: Command): void {
    if (this.#isClosed) throw invalidField('batch', 'a batch that was not committed')
    this.#commands.push(command)
  }
}

const listOf = (value: unknown, field: string): readonly unknown[] => {
  if (!isList(value)) throw invalidField(field, 'list')
  const limit = limits.KEYS_PER_BATCH_MAX
  if (value.length > limit) throw tooManyItems(field, value.length, limit)
  return value
}
