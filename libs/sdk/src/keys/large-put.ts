/**
 * Puts of any size.
 *
 * G1  What is larger than a part is staged in parts first and then put at once: the caller sees one write (DESIGN F3).
 * G2  A retry of it is the same write: the upload has an id that the collective, the idempotency key and the entries
 *     decide, so the put has the same fields. Who brings a key may be repeating a put, so it is asked for first, and
 *     only what is missing is staged.
 */
import { deriveUuid, hexOf, isFault, sha256, utf8Size } from '@waggle/kernel'
import {
  contentTooLarge,
  decodeKeyEntries,
  encodeMessagePack,
  isMap,
  limits,
  type KeyEntry,
  type ResultOf,
} from '@waggle/protocol'
import type { RequestBody } from '../caller.ts'
import type { CollectiveCall, Written } from '../collective-call.ts'

/** What an entry takes beside its bytes, at the most. */
const ENTRY_BYTES = 12
/** Parts of an upload may expire between its staging and its put; hardly twice. */
const ROUNDS_MAX = 3

type Put = ResultOf<'keys.put'> & Written

/** @param entries plain data, with keys as they are stored @throws Fault */
export const putEntries = async (
  call: CollectiveCall,
  entries: unknown,
  options: RequestBody,
  lifetime: object = {},
): Promise<Put> => {
  if (!isLarge(entries)) return call.call('keys.put', { entries, ...lifetime }, options)
  const bytes = encodeMessagePack(checked(entries))
  const limit = limits.UPLOAD_BYTES_MAX
  if (bytes.length > limit) throw contentTooLarge('entries', bytes.length, limit)
  const isRepeatable = options.idempotencyKey !== undefined
  const idempotencyKey = isRepeatable ? options.idempotencyKey : call.newKey()
  return new LargePut(call, bytes, { ...options, idempotencyKey }, lifetime).run(isRepeatable)
}

/** Whether they may be more than one request carries: whoever errs here only takes the longer way. */
const isLarge = (entries: unknown): boolean => {
  if (!Array.isArray(entries) || entries.length > limits.KEYS_PER_BATCH_MAX) return false
  let bytes = 0
  for (const entry of entries as readonly unknown[])
    if (Array.isArray(entry)) bytes += ENTRY_BYTES + sizeOf(entry[0]) + sizeOf(entry[1])
  return bytes > limits.UPLOAD_PART_BYTES_MAX
}

/** At the most. */
const sizeOf = (value: unknown): number => {
  if (value instanceof Uint8Array) return value.length
  if (typeof value === 'string') return utf8Size(value)
  return isMap(value) && typeof value.base64 === 'string' ? value.base64.length : 0
}

const checked = (entries: unknown): readonly KeyEntry[] => decodeKeyEntries(entries, 'entries')

class LargePut {
  readonly #call: CollectiveCall
  readonly #options: RequestBody
  readonly #lifetime: object
  readonly #parts: readonly Uint8Array[]
  readonly #upload: { readonly id: string; readonly parts: number; readonly sha256: Uint8Array }

  constructor(call: CollectiveCall, bytes: Uint8Array, options: RequestBody, lifetime: object) {
    this.#lifetime = lifetime
    const size = limits.UPLOAD_PART_BYTES_MAX
    const parts = Math.ceil(bytes.length / size)
    const hash = sha256(bytes)
    this.#call = call
    this.#options = options
    this.#parts = Array.from({ length: parts }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
    this.#upload = { id: uploadId(call.collective, options.idempotencyKey, hash), parts, sha256: hash }
  }

  /** G1 G2. @param isRepeatable whether it may have been put before */
  async run(isRepeatable: boolean): Promise<Put> {
    if (!isRepeatable) await this.#stage(0)
    for (let round = 1; ; round += 1)
      try {
        return await this.#call.call('keys.put', { upload: this.#upload, ...this.#lifetime }, this.#options)
      } catch (error) {
        const missing = missingPart(error)
        if (missing === undefined || round === ROUNDS_MAX) throw error
        await this.#stage(missing)
      }
  }

  /** Each part is a write with a key of its own: what was dropped meanwhile must be staged anew. */
  async #stage(from: number): Promise<void> {
    const { idempotencyKey: _, ...options } = this.#options
    for (const [index, bytes] of this.#parts.entries())
      if (index >= from) await this.#call.call('keys.stage', { upload: this.#upload.id, index, bytes }, options)
  }
}

const uploadId = (collective: string, key: unknown, hash: Uint8Array): string =>
  deriveUuid(['upload', collective, String(key), hexOf(hash)])

/** Of a put that was refused because not all of it is staged, the first part that is missing. */
const missingPart = (error: unknown): number | undefined => {
  if (!isFault(error) || error.details.field !== 'upload') return undefined
  const { missing } = error.details
  return typeof missing === 'number' ? missing : undefined
}
