/**
 * Decisions about puts that come in parts.
 *
 * U1  Staging a part again is harmless, and of two parts with one index the last one counts: what a put takes is told
 *     by its hash, not by who staged what.
 * U2  What comes in parts is checked like a request before anything of it is put.
 * U3  A put that is refused leaves its parts. The refusal is no outcome that an idempotency key remembers, so the same
 *     put succeeds once what is missing has been staged.
 * U4  A collective has few uploads, each of bounded size; one that was left for an hour goes, at the latest when
 *     another one needs its room (P11). The largest put takes 0.2 to 0.3 s of a leader (measured: 16 MiB in 16,384
 *     entries), most of it for copying, as a put of the most entries does.
 */
import { equalBytes, sha256Stream, type Uuid } from '@waggle/kernel'
import { contentTooLarge, fault, invalidField, limits, requiredField, type CollectiveId } from '@waggle/protocol'
import type { Decider, Deciders, DecideContext } from '../../command/decider.ts'
import { event } from '../../event/events.ts'
import { knownCollective } from '../../memory/collective/collective-commands.ts'
import { readCollective } from '../../memory/collective/collective-rows.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { readUploadContent } from './upload-content.ts'
import { otherParts, readPart, readUploads, type Upload } from './uploads.ts'

export interface UploadCommands {
  /** Drops the uploads of a collective that nobody ended. */
  'maintenance.dropUploads': { readonly collective: CollectiveId }
}

const SHA256_BYTES = 32
/** A repeated part keeps its upload alive, too, but not each time: that would be as many rows of the log. */
const TOUCHED_AFTER_MS = limits.UPLOAD_KEPT_MS / 4

export const stageDecider: Pick<Deciders, 'keys.stage'> = {
  'keys.stage'({ collective, upload: id, index, bytes }, { view, tenant, timeMs }) {
    if (bytes.length === 0) throw requiredField('bytes')
    const { scope } = knownCollective(view, tenant, collective)
    const uploads = readUploads(view, scope)
    const known = uploads.find((upload) => upload.id === id)
    checkSize(known === undefined ? [] : otherParts(known, index), bytes.length)
    const before = readPart(view, scope, id, index)
    const isThere = before !== undefined && equalBytes(before, bytes)
    if (isThere && known !== undefined && timeMs - known.timeMs < TOUCHED_AFTER_MS) return { events: [], result: {} }
    const staged = event('UploadStaged', { upload: id, index, bytes })
    if (known !== undefined || uploads.length < limits.UPLOADS_MAX) return { events: [staged], result: {} }
    // U4
    const dropped = expired(uploads, timeMs)
    if (dropped.length === 0) throw tooManyUploads(uploads.length)
    return { events: [event('UploadsDropped', { uploads: dropped }), staged], result: {} }
  },
}

export const uploadDeciders: { readonly [Name in keyof UploadCommands]: Decider<UploadCommands[Name], object> } = {
  'maintenance.dropUploads'({ collective }, { view, tenant, timeMs }) {
    const stored = readCollective(view, tenant, collective)
    const uploads = stored === undefined ? [] : expired(readUploads(view, stored.scope), timeMs)
    return { events: uploads.length === 0 ? [] : [event('UploadsDropped', { uploads })], result: {} }
  },
}

/** U4. Uploads that were left. */
export const expired = (uploads: readonly Upload[], timeMs: number): readonly Uuid[] =>
  uploads.filter((upload) => timeMs - upload.timeMs > limits.UPLOAD_KEPT_MS).map(({ id }) => id)

/** U4. @throws Fault `CONTENT_TOO_LARGE` */
const checkSize = (others: Upload['parts'], size: number): void => {
  const whole = others.reduce((sum, [, bytes]) => sum + bytes, size)
  const limit = limits.UPLOAD_BYTES_MAX
  if (whole > limit) throw contentTooLarge('bytes', whole, limit)
}

const tooManyUploads = (count: number) => {
  const limit = limits.UPLOADS_MAX
  return fault(
    'BUSY',
    `too many puts are being staged field=upload count=${count} limit=${limit}`,
    { field: 'upload', count, limit },
    { retryAfterMs: limits.BUSY_RETRY_AFTER_MS },
  )
}

/** What a put in parts names. */
export interface NamedUpload {
  readonly id: Uuid
  readonly parts: number
  readonly sha256: Uint8Array
}

/** U2 U3. @throws Fault `INVALID_FIELD`, and as the entries of a request do */
export const checkUpload = (view: DecideContext['view'], scope: Scope, upload: NamedUpload): void => {
  if (upload.sha256.length !== SHA256_BYTES)
    throw invalidField('upload.sha256', `${SHA256_BYTES} bytes`, { size: upload.sha256.length })
  const parts = stagedParts(view, scope, upload)
  const hash = sha256Stream()
  for (const part of parts) hash.update(part)
  if (!equalBytes(hash.digest(), upload.sha256)) throw invalidField('upload.sha256', 'hash of all staged parts')
  const entries = readUploadContent(Buffer.concat(parts), limits.KEYS_PER_BATCH_MAX)
  if ('defect' in entries) {
    const field = entries.entry === undefined ? 'upload' : `upload[${entries.entry}]`
    throw invalidField(field, 'MessagePack of a list of entries', { defect: entries.defect })
  }
  if (entries.length === 0) throw requiredField('upload')
  for (const [index, [key, value]] of entries.entries()) {
    checkLength(key, `upload[${index}][0]`, limits.KEY_BYTES_MAX)
    checkLength(value, `upload[${index}][1]`, limits.VALUE_BYTES_MAX)
  }
}

const checkLength = (bytes: Uint8Array, field: string, limit: number): void => {
  if (bytes.length > limit) throw contentTooLarge(field, bytes.length, limit)
}

const stagedParts = (view: StateView, scope: Scope, { id, parts }: NamedUpload): readonly Uint8Array[] =>
  Array.from({ length: parts }, (_, index) => {
    const part = readPart(view, scope, id, index)
    if (part === undefined) throw invalidField('upload', `${parts} staged parts`, { missing: index })
    return part
  })
