/** The order of changes in a log. */
import type { Address, Sequence } from '@waggle/protocol'
import { endOfBatch } from '@waggle/protocol'

export const compareAddresses = (left: Address, right: Address): number =>
  left.sequence - right.sequence || left.index - right.index

export const laterAddress = (left: Address, right: Address): Address =>
  compareAddresses(left, right) < 0 ? right : left

/** The address that everything before this one is at or below. */
export const addressBefore = ({ sequence, index }: Address): Address =>
  index > 0 ? { sequence, index: index - 1 } : endOfBatch((sequence - 1) as Sequence)
