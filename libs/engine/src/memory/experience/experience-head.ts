/**
 * The parts of an experience's row that indexes ask for, without decoding the rest: most of a row is its content, which
 * vectors and conditions have no use for, and words have no use for anything else.
 *
 * A row is MessagePack's list of its fields (`experience-rows.ts`), the content first.
 */
import type { ExperienceId } from '@waggle/protocol'
import { decodeExperience, type ExperienceRow } from './experience-rows.ts'

export type ExperienceHead = Omit<ExperienceRow, 'content'>

// First bytes of MessagePack's lists and texts; of a short list or text they hold the length as well.
const LIST_16 = 0xdc
const TEXT_SHORT = 0xa0
const TEXT_SHORT_MASK = 0xe0
const TEXT_8 = 0xd9
const TEXT_16 = 0xda
const TEXT_32 = 0xdb

/** Where the content stands. */
interface ContentPlace {
  /** Where the head of its text begins. */
  readonly head: number
  readonly start: number
  readonly end: number
}

const contentPlace = (bytes: Uint8Array): ContentPlace => {
  const head = bytes[0] === LIST_16 ? 3 : 1
  const kind = bytes[head] as number
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const place = (start: number, length: number) => ({ head, start, end: start + length })
  if ((kind & TEXT_SHORT_MASK) === TEXT_SHORT) return place(head + 1, kind & ~TEXT_SHORT_MASK)
  if (kind === TEXT_8) return place(head + 2, view.getUint8(head + 1))
  if (kind === TEXT_16) return place(head + 3, view.getUint16(head + 1))
  if (kind === TEXT_32) return place(head + 5, view.getUint32(head + 1))
  throw new Error('the first field of an experience is its content')
}

/** Rows are put together here without their content; one that is longer is decoded as it stands. */
const shortened = new Uint8Array(4_096)

export const decodeExperienceHead = (id: ExperienceId, bytes: Uint8Array): ExperienceHead => {
  const { head, end } = contentPlace(bytes)
  const length = head + 1 + bytes.length - end
  if (length > shortened.length) return decodeExperience(id, bytes)
  shortened.set(bytes.subarray(0, head))
  shortened[head] = TEXT_SHORT
  shortened.set(bytes.subarray(end), head + 1)
  return decodeExperience(id, shortened.subarray(0, length))
}

export const decodeExperienceContent = (bytes: Uint8Array): string => {
  const { start, end } = contentPlace(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
}
