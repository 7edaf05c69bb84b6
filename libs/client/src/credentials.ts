/** As whom a connection is made. */
import { invalidField } from '@waggle/protocol'

/** One of the ways in which NATS knows who connects. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly token: string }
  /** The text of a `.creds` file. */
  | { readonly kind: 'creds'; readonly creds: string }

/** The credentials that options name beside the addresses. @throws Fault `INVALID_FIELD`, which repeats none of them */
export const givenCredentials = (given: Readonly<Record<string, unknown>>): readonly Credentials[] => {
  const [user, token, creds] = ['user', 'token', 'creds'].map((name) => textOf(given, name))
  const { password } = given
  if (password !== undefined && typeof password !== 'string') throw invalidField('password', 'text')
  if (password !== undefined && user === undefined) throw invalidField('password', 'text beside a user')
  if (creds !== undefined && !CREDS_FILE.test(creds)) throw invalidField('creds', 'the text of a .creds file')
  return [
    ...(user === undefined ? [] : [{ kind: 'password' as const, user, password: password ?? '' }]),
    ...(token === undefined ? [] : [{ kind: 'token' as const, token }]),
    ...(creds === undefined ? [] : [{ kind: 'creds' as const, creds }]),
  ]
}

/** A JWT and a seed, each between two rules. */
const PART = String.raw`-{3,}[^\n]*-{3,}\n.+\n\s*-{3,}[^\n]*-{3,}\n`
const CREDS_FILE = new RegExp(String.raw`${PART}[^]*${PART}`)

const textOf = (given: Readonly<Record<string, unknown>>, field: string): string | undefined => {
  const value = given[field]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '') throw invalidField(field, 'text that is not empty')
  return value
}

/** The one that there is. @throws Fault `INVALID_FIELD` where there are several: which of them was meant? */
export const onlyCredentials = (all: readonly Credentials[]): Credentials => {
  const [first = { kind: 'none' }, ...others] = all.filter(({ kind }) => kind !== 'none')
  if (others.length > 0) throw invalidField('servers', 'one kind of credentials, in the addresses or beside them')
  return first
}

export const sameCredentials = (left: Credentials, right: Credentials): boolean =>
  JSON.stringify(left) === JSON.stringify(right)
