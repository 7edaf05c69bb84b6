/** Cursors of watchers: opaque to users, like tokens. */
import type { Address, Generation } from './address.ts'
import type { CollectiveId } from './collective.ts'
import { fault } from './errors.ts'
import { fnv1a32 } from './fnv1a32.ts'
import { addressAt, generationAt, INDEX_MAX, seal, setAddress, setGeneration, unseal } from './sealed-text.ts'

/** A place in the changes of one life of a collective: the last one that was seen. */
export interface WatchCursor {
  readonly journal: JournalName
  readonly generation: Generation
  /** Which collective it belongs to (`collectiveNumber`): a place in another one's changes means nothing. */
  readonly collective: number
  /** Where the collective began: one that was made anew under the same id is another. */
  readonly incarnation: Address
  /** Of the keys' journal: sequence of the batch, and the last of its entries that was seen. */
  readonly address: Address
}

/** What a journal tells of: a collective's memory, or its keys. */
export const journalNames = ['memory', 'keys'] as const
export type JournalName = (typeof journalNames)[number]

/** 1 is a token's, 2 and 4 are those of lists. */
const CURSOR_KINDS: Readonly<Record<JournalName, number>> = { memory: 3, keys: 5 }
const WATCH_CURSOR_BYTES = 37

/** The number of a collective in cursors; against mistakes, like a checksum. */
export const collectiveNumber = (id: CollectiveId): number => fnv1a32(Buffer.from(id))

/** The place behind every change of a sequence. */
export const endOfBatch = (sequence: Address['sequence']): Address => ({ sequence, index: INDEX_MAX })

export const encodeWatchCursor = ({ journal, generation, collective, incarnation, address }: WatchCursor): string => {
  const view = new DataView(new ArrayBuffer(WATCH_CURSOR_BYTES))
  view.setUint8(0, CURSOR_KINDS[journal])
  setGeneration(view, 1, generation)
  view.setUint32(9, collective)
  setAddress(view, 13, incarnation)
  setAddress(view, 25, address)
  return seal(new Uint8Array(view.buffer))
}

/** @throws Fault `INVALID_CURSOR` for anything that `encodeWatchCursor` did not make. */
export const decodeWatchCursor = (text: string, field: string): WatchCursor => {
  const journal = journalNames.find((name) => unseal(text, CURSOR_KINDS[name], WATCH_CURSOR_BYTES) !== undefined)
  const view = journal && unseal(text, CURSOR_KINDS[journal], WATCH_CURSOR_BYTES)
  const cursor = journal &&
    view && {
      journal,
      generation: generationAt(view, 1),
      collective: view.getUint32(9),
      incarnation: addressAt(view, 13),
      address: addressAt(view, 25),
    }
  if (cursor === undefined || ![cursor.incarnation, cursor.address].every(isPlace))
    throw fault('INVALID_CURSOR', `not a cursor of a watcher field=${field}`, { field })
  return cursor
}

const isPlace = ({ sequence }: Address): boolean => Number.isSafeInteger(sequence)
