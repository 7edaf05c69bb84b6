/** The two tables of points, vectors and payloads, differ in nothing but where their rows are. */
import type { Uint64Text } from '@waggle/protocol'
import type { Scope } from '../state/keyspace.ts'

/** Where the points of a kind are. */
export interface PointTable {
  readonly name: 'vector' | 'payload'
  readonly key: (scope: Scope, id: Uint64Text) => Uint8Array
  readonly prefix: (scope: Scope) => Uint8Array
  /** Of the row that counts them. */
  readonly storeKey: (scope: Scope) => Uint8Array
}
