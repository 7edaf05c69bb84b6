/**
 * The keys that a policy is about, read in pages while others read and write.
 *
 * K1  Only what stood there before the prune was asked for, and has not been written since, is given out.
 * K2  Expressions cost time: after so many steps others have their turn.
 */
import { prefixEnd, present, type Timers } from '@waggle/kernel'
import type { Address } from '@waggle/protocol'
import { compareAddresses } from '../../state/address-order.ts'
import { keyKey, keyPrefix, type Scope } from '../../state/keyspace.ts'
import type { KeyValueStore } from '../../store/key-value-store.ts'
import { keyBehind } from '../../store/prefix-range.ts'
import { decodeKeyRow } from '../key-rows.ts'
import type { Captures } from './key-order.ts'
import type { KeyPolicy } from './prune-policies.ts'

/** Keys that are read at a time. */
const PAGE_KEYS = 1_024
/** K2: steps of an expression between two turns, and what a key costs besides. */
const TURN_STEPS = 100_000
const KEY_STEPS = 200

export interface FamilyKey {
  readonly key: Uint8Array
  readonly captures: Captures
  /** Its row; `undefined` where it is not one that the prune is about (K1). Each call reads it. */
  readonly row: () => FamilyRow | undefined
}

export interface FamilyRow {
  readonly key: Uint8Array
  /** Of the write that it is of. */
  readonly address: Address
  /** Bytes of its value. */
  readonly size: number
}

export interface Family {
  readonly store: KeyValueStore
  readonly timers: Timers
  readonly scope: Scope
  readonly policy: KeyPolicy
  /** K1. */
  readonly before: Address
  readonly isStopped: () => boolean
}

const NO_CAPTURES: Captures = new Map()

/** The keys of the prefix that the expression is found in, ascending; it ends early where the work was stopped. */
export async function* familyKeys(family: Family): AsyncGenerator<FamilyKey> {
  const { store, timers, scope, policy, isStopped } = family
  const head = keyPrefix(scope).length
  const first = keyKey(scope, policy.prefix)
  const lt = present(prefixEnd(first), 'an end of the keys')
  let steps = 0
  for (let gte: Uint8Array | undefined = first; gte !== undefined && !isStopped();) {
    const page: Uint8Array[] = []
    for await (const rowKey of store.scanKeys({ gte, lt, limit: PAGE_KEYS })) page.push(rowKey)
    for (const rowKey of page) {
      const key = rowKey.subarray(head)
      const payload = key.subarray(policy.prefix.length)
      steps += KEY_STEPS + (payload.length + 1) * (policy.regex?.size ?? 0)
      const captures = policy.regex === undefined ? NO_CAPTURES : policy.regex.captures(payload)
      if (captures !== undefined) yield { key, captures, row: () => rowOf(family, rowKey, key) }
      if (steps < TURN_STEPS) continue
      steps = 0
      await timers.yield()
      if (isStopped()) return
    }
    const last = page.at(-1)
    gte = page.length < PAGE_KEYS || last === undefined ? undefined : keyBehind(last)
  }
}

/** K1. */
const rowOf = ({ store, before }: Family, rowKey: Uint8Array, key: Uint8Array): FamilyRow | undefined => {
  const bytes = store.get(rowKey)
  if (bytes === undefined) return undefined
  const { address, value } = decodeKeyRow(bytes)
  return compareAddresses(address, before) < 0 ? { key, address, size: value.length } : undefined
}
