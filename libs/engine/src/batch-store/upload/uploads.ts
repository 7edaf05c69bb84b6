/**
 * Puts that are larger than a request, on their way: their parts as rows, and one row that lists them (DESIGN F3).
 * Until a put names an upload, nothing of it is to be seen.
 */
import { assert, present, type Uuid } from '@waggle/kernel'
import { uploadPartKey, uploadsKey, type Scope } from '../../state/keyspace.ts'
import type { MutableState, StateView } from '../../state/overlay.ts'
import { encodeRow, readRow } from '../../state/rows.ts'
import type { KeyJournalRow } from '../key-journal.ts'
import { readUploadContent } from './upload-content.ts'

export interface Upload {
  readonly id: Uuid
  /** When the last part came, epoch milliseconds of the log. */
  readonly timeMs: number
  /** What is there, by index. */
  readonly parts: readonly UploadPart[]
}

export type UploadPart = readonly [index: number, size: number]

/** The uploads of a collective, in the order in which they were begun. */
export const readUploads = (state: StateView, scope: Scope): readonly Upload[] =>
  ((readRow(state, uploadsKey(scope)) ?? []) as readonly [Uuid, number, readonly UploadPart[]][]).map(
    ([id, timeMs, parts]) => ({ id, timeMs, parts }),
  )

const putUploads = (state: MutableState, scope: Scope, uploads: readonly Upload[]): void => {
  if (uploads.length === 0) state.delete(uploadsKey(scope))
  else state.put(uploadsKey(scope), encodeRow(uploads.map(({ id, timeMs, parts }) => [id, timeMs, parts])))
}

/** The parts of an upload without one of them. */
export const otherParts = ({ parts }: Upload, index: number): readonly UploadPart[] =>
  parts.filter(([other]) => other !== index)

/** Keeps a part, in place of the one of that index. */
export const stagePart = (
  state: MutableState,
  scope: Scope,
  {
    id,
    index,
    bytes,
    timeMs,
  }: { readonly id: Uuid; readonly index: number } & {
    readonly bytes: Uint8Array
    readonly timeMs: number
  },
): void => {
  const uploads = readUploads(state, scope)
  const place = uploads.findIndex((upload) => upload.id === id)
  const before = uploads[place] ?? { id, timeMs, parts: [] }
  const parts = [...otherParts(before, index), [index, bytes.length] as const].sort(([left], [right]) => left - right)
  const after = { id, timeMs, parts }
  putUploads(state, scope, place < 0 ? [...uploads, after] : uploads.with(place, after))
  state.put(uploadPartKey(scope, id, index), bytes)
}

export const readPart = (state: StateView, scope: Scope, upload: Uuid, index: number): Uint8Array | undefined =>
  state.get(uploadPartKey(scope, upload, index))

/** The first so many parts of an upload, which are there. */
export const readStaged = (state: StateView, scope: Scope, upload: Uuid, parts: number): readonly Uint8Array[] =>
  Array.from({ length: parts }, (_, index) => present(readPart(state, scope, upload, index), 'part of an upload'))

/** An upload and its parts go. */
export const dropUpload = (state: MutableState, scope: Scope, id: Uuid): void => {
  const uploads = readUploads(state, scope)
  for (const [index] of uploads.find((upload) => upload.id === id)?.parts ?? [])
    state.delete(uploadPartKey(scope, id, index))
  putUploads(
    state,
    scope,
    uploads.filter((upload) => upload.id !== id),
  )
}

/** The entries that parts are together, which whoever decided the put has checked. */
export const stagedEntries = (parts: readonly Uint8Array[]): KeyJournalRow['entries'] => {
  const entries = readUploadContent(Buffer.concat(parts))
  assert(!('defect' in entries), 'what was staged was checked before it was put')
  return entries
}
