/** How long what is written is to be seen. */
import type { RequestBody } from './caller.ts'
import { optionsOf } from './plain-data.ts'
import { SESSION_OPTIONS, type WriteOptions } from './session.ts'

/** Options of a write whose records may have a lifetime, the same for all of them. */
export interface StoreOptions extends WriteOptions {
  /** Milliseconds, 1 or more; absent: for ever. */
  readonly ttlMs?: number | undefined
}

/** The lifetime, which is a field of the request, apart from the options. @throws Fault `UNKNOWN_FIELD` */
export const lifetimeOf = (
  options: unknown,
): { readonly lifetime: { readonly ttlMs?: unknown }; readonly known: RequestBody } => {
  const { ttlMs, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'ttlMs'])
  return { lifetime: ttlMs === undefined ? {} : { ttlMs }, known }
}
