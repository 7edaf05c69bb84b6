/** Queries as callers write them: what they include may be said beside the query or in it. */
import type { RequestBody } from './caller.ts'
import { optionsOf, plainMap } from './plain-data.ts'
import { SESSION_OPTIONS } from './session.ts'

/** @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD` */
export const queryOf = (
  query: unknown,
  options: unknown,
): { readonly fields: RequestBody; readonly known: RequestBody } => {
  const { include, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'include'])
  return { fields: { include, ...plainMap(query, 'query', { isRequest: true }) }, known }
}

/** A page as users get it: `cursor` is no property where there is no further page. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly cursor?: string
}

export const pageOf = <Item>({ items, cursor }: Page<Item>): Page<Item> =>
  cursor === undefined ? { items } : { items, cursor }
