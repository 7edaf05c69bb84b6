/**
 * Which entries of a batch a subscriber wants (Exoware A.7).
 *
 * S1  An entry passes where any selector takes its key, and any value filter its value, if there are any. A selector
 *     takes keys that begin with its prefix and in whose rest its expression is found.
 * S2  Keys are judged first, and alone where something was deleted.
 * S3  Expressions are looked for in turns, and what each judgement costs is accounted for (`Work`). What all selectors,
 *     and all value filters, may cost a byte together is bounded before anything is judged.
 */
import { equalBytes } from '@waggle/kernel'
import { fault, invalidField, limits, requiredField, type KeySelector, type ValueFilter } from '@waggle/protocol'
import type { RegexCache } from './regex/regex-cache.ts'
import type { Regex } from './regex/regex.ts'
import type { Work } from './work.ts'

export interface EntryFilter {
  readonly selectors?: readonly KeySelector[] | undefined
  readonly valueFilters?: readonly ValueFilter[] | undefined
}

interface CompiledSelector {
  readonly prefix: Uint8Array
  readonly regex?: Regex
}

type CompiledFilter = Exclude<ValueFilter, { readonly regex: string }> | { readonly regex: Regex }

/** Steps of a comparison, beside those of expressions. */
const COMPARE_STEPS = 4

export class EntryMatcher {
  readonly #selectors: readonly CompiledSelector[]
  readonly #filters: readonly CompiledFilter[]

  /** @throws Fault `INVALID_FIELD`, `REQUIRED_FIELD` for a list of selectors without any */
  constructor({ selectors, valueFilters = [] }: EntryFilter, regexes: RegexCache) {
    if (selectors?.length === 0) throw requiredField('selectors')
    this.#selectors = (selectors ?? [{ prefix: new Uint8Array() }]).map(({ prefix, regex }, index) =>
      regex === undefined ? { prefix } : { prefix, regex: regexes.get(regex, `selectors[${index}].regex`) },
    )
    this.#filters = valueFilters.map((filter, index) =>
      'regex' in filter ? { regex: regexes.get(filter.regex, `valueFilters[${index}].regex`) } : filter,
    )
    // S3.
    refuseTogether(this.#selectors, 'selectors')
    refuseTogether(this.#filters, 'valueFilters')
  }

  /** S1 S2. */
  async takesKey(key: Uint8Array, work: Work): Promise<boolean> {
    for (const { prefix, regex } of this.#selectors) {
      work.spend(COMPARE_STEPS)
      if (!beginsWith(key, prefix)) continue
      if (regex === undefined || (await work.search(regex, key.subarray(prefix.length)))) return true
    }
    return false
  }

  /** S1. @throws Fault `INVALID_FIELD` where judging this value would cost more than may be */
  async takesValue(value: Uint8Array, work: Work): Promise<boolean> {
    if (this.#filters.length === 0) return true
    const end = work.spent + limits.VALUE_FILTER_STEPS_MAX
    for (const filter of this.#filters) {
      work.spend(COMPARE_STEPS)
      if ('exact' in filter ? equalBytes(value, filter.exact) : 'prefix' in filter && beginsWith(value, filter.prefix))
        return true
      if ('regex' in filter && (await work.search(filter.regex, value, () => refuseAbove(end, work, value))))
        return true
    }
    return false
  }
}

const beginsWith = (bytes: Uint8Array, prefix: Uint8Array): boolean =>
  bytes.length >= prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix)

/** S3. */
const refuseTogether = (all: readonly object[], field: string): void => {
  const size = all.reduce((sum, one) => sum + ('regex' in one ? (one.regex as Regex).size : 0), 0)
  const limit = limits.REGEX_SIZE_MAX
  if (size > limit)
    throw invalidField(field, `regular expressions that are compiled to at most ${limit} steps together`, {
      size,
      limit,
    })
}

/** S3. */
const refuseAbove = (end: number, { spent }: Work, { length: size }: Uint8Array): void => {
  const limit = limits.VALUE_FILTER_STEPS_MAX
  if (spent > end)
    throw fault('INVALID_FIELD', `value filters cost too much field=valueFilters bytes=${size} limit=${limit}`, {
      ...{ field: 'valueFilters', size, limit },
    })
}
