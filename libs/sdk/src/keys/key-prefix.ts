/**
 * A family of keys as a store of its own: every key that goes out is put behind the prefix, and what comes in loses it.
 *
 * V1  What is written and read under one prefix never meets what stands under another one: bounds, selectors, policies
 *     and fields of reductions are shifted, and what cannot be shifted is refused.
 *
 * It shifts what has the right form and leaves everything else as it is, for the decoder to refuse.
 */
import { bytesDecoder, contentTooLarge, invalidField, isMap, limits } from '@waggle/protocol'
import { concatBytes } from '@waggle/kernel'
import type { RequestBody } from '../caller.ts'
import { isAbsent } from '../plain-data.ts'

const anyKey = bytesDecoder({ bytesMax: limits.KEY_BYTES_MAX })

export class KeyPrefix {
  static readonly none = new KeyPrefix(new Uint8Array())
  readonly bytes: Uint8Array

  private constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  get isNone(): boolean {
    return this.bytes.length === 0
  }

  /** This prefix with more behind it. @throws Fault `INVALID_FIELD`, `CONTENT_TOO_LARGE` */
  extended(more: unknown, field: string): KeyPrefix {
    return new KeyPrefix(this.#behind(anyKey(more, field), field))
  }

  /** The key as it is stored. @throws Fault `INVALID_FIELD`, `CONTENT_TOO_LARGE` */
  key(key: unknown, field: string): unknown {
    return this.isNone || isAbsent(key) ? key : this.#behind(anyKey(key, field), field)
  }

  keys(keys: unknown, field: string): unknown {
    if (this.isNone || !Array.isArray(keys) || keys.length > limits.KEYS_PER_BATCH_MAX) return keys
    return keys.map((key: unknown, index) => this.key(key, `${field}[${index}]`))
  }

  entries(entries: unknown, field: string): unknown {
    if (this.isNone || !Array.isArray(entries) || entries.length > limits.KEYS_PER_BATCH_MAX) return entries
    return entries.map((entry: unknown, index) => {
      if (!Array.isArray(entry)) return entry
      const [key, ...rest] = entry as readonly unknown[]
      return [this.key(key, `${field}[${index}][0]`), ...rest]
    })
  }

  /** The fields with their bounds; open ones end where the family does. */
  range(fields: RequestBody): RequestBody {
    if (this.isNone) return fields
    const { start, end } = fields
    const [from, to] = [isAbsent(start) ? '' : start, isAbsent(end) ? '' : end]
    const last = anyKey(to, 'end')
    return {
      ...fields,
      start: this.key(from, 'start'),
      end: last.length === 0 ? this.#last() : this.#behind(last, 'end'),
    }
  }

  selectors(selectors: unknown, field: string): unknown {
    if (this.isNone) return selectors
    if (isAbsent(selectors)) return [{ prefix: this.bytes }]
    if (!Array.isArray(selectors) || selectors.length > limits.SELECTORS_MAX) return selectors
    return selectors.map((selector: unknown, index) => this.#selector(selector, `${field}[${index}]`))
  }

  /** @throws Fault `INVALID_FIELD` for a policy that concerns more than the family (V1) */
  policies(policies: unknown, field: string): unknown {
    if (this.isNone || !Array.isArray(policies) || policies.length > limits.PRUNE_POLICIES_MAX) return policies
    return policies.map((policy: unknown, index) => {
      if (!isMap(policy)) return policy
      if (!isAbsent(policy.sequence)) throw invalidField(`${field}[${index}].sequence`, 'absent under a prefix')
      const { keys } = policy
      if (!isMap(keys)) return policy
      return {
        ...policy,
        keys: { ...keys, selector: this.#selector(keys.selector, `${field}[${index}].keys.selector`) },
      }
    })
  }

  /** What of a stored key is behind the prefix. */
  rest(key: Uint8Array): Uint8Array {
    return this.isNone ? key : key.subarray(this.bytes.length)
  }

  #selector(selector: unknown, field: string): unknown {
    if (!isMap(selector) || isAbsent(selector.prefix)) return selector
    return { ...selector, prefix: this.key(selector.prefix, `${field}.prefix`) }
  }

  /** No key of the family is higher. */
  #last(): Uint8Array {
    return concatBytes(this.bytes, new Uint8Array(limits.KEY_BYTES_MAX - this.bytes.length).fill(0xff))
  }

  #behind(key: Uint8Array, field: string): Uint8Array {
    const limit = limits.KEY_BYTES_MAX - this.bytes.length
    if (key.length > limit) throw contentTooLarge(field, key.length, limit)
    return concatBytes(this.bytes, key)
  }
}
