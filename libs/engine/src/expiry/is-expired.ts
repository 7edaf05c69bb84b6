/**
 * When a record is not to be seen any more: at its `expiresAt` and from then on. Whoever decides asks by the time of
 * the record that is being made, whoever reads by the time of the reading; nobody waits for the sweep that removes it.
 */
import { limits } from '@waggle/protocol'

/** What may have a lifetime. */
export interface Expiring {
  /** Epoch milliseconds; absent: never. */
  readonly expiresAt?: number
}

export const isExpired = (expiresAt: number | undefined, atMs: number): boolean =>
  expiresAt !== undefined && expiresAt <= atMs

/** The record, unless it has expired. */
export const unexpired = <Row extends Expiring>(row: Row | undefined, atMs: number): Row | undefined =>
  row === undefined || isExpired(row.expiresAt, atMs) ? undefined : row

/** When what is written at `timeMs` expires; a lifetime beyond the last date ends there. */
export const expiryOf = (timeMs: number, ttlMs: number): number => Math.min(limits.TIME_MS_MAX, timeMs + ttlMs)

/** A row's last field. Records without a lifetime have the rows that they always had. */
export const expiryField = ({ expiresAt }: Expiring): readonly number[] => (expiresAt === undefined ? [] : [expiresAt])

/** As a property, from a row's last field. */
export const expiryFrom = (field: unknown): Expiring => (field === undefined ? {} : { expiresAt: field as number })
