/**
 * How JetStream's Object Store writes objects down (its published format, which `@nats-io/obj` and the `nats` command
 * read and write too): chunks on a subject of the object's own, and one message about it, which replaces the one
 * before.
 */
import { isMap } from '@waggle/protocol'

export const objectStream = (bucket: string): string => `OBJ_${bucket}`
export const chunkSubject = (bucket: string, id: string): string => `$O.${bucket}.C.${id}`
export const aboutSubject = (bucket: string, name: string): string => `${aboutPrefix(bucket)}${base64Url(name)}`
export const aboutPrefix = (bucket: string): string => `$O.${bucket}.M.`

/** What the message about an object says. */
export interface ObjectAbout {
  readonly name: string
  readonly bucket: string
  /** The chunks' own token. */
  readonly nuid: string
  readonly size: number
  readonly chunks: number
  /** `SHA-256=` and base64 for URLs, with padding. */
  readonly digest: string
  readonly mtime: string
  readonly deleted: boolean
  readonly metadata?: Readonly<Record<string, string>>
  readonly options?: { readonly max_chunk_size: number }
}

/** With padding, as the other implementations have it. */
const base64Url = (data: string | Uint8Array): string =>
  Buffer.from(data as Uint8Array)
    .toString('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_')

export const digestText = (sha256: Uint8Array): string => `SHA-256=${base64Url(sha256)}`

/** The name in a subject; `undefined` where there is none. */
export const nameOfSubject = (bucket: string, subject: string): string | undefined =>
  subject.startsWith(aboutPrefix(bucket))
    ? Buffer.from(subject.slice(aboutPrefix(bucket).length), 'base64url').toString()
    : undefined

/** `undefined` for bytes that say nothing about an object that is there. */
export const decodeAbout = (bytes: Uint8Array): ObjectAbout | undefined => {
  let about: unknown
  try {
    about = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
  if (!isMap(about) || about.deleted === true) return undefined
  const isSound =
    [about.name, about.nuid, about.digest].every((text) => typeof text === 'string') &&
    [about.size, about.chunks].every((count) => Number.isSafeInteger(count) && (count as number) >= 0)
  return isSound ? (about as unknown as ObjectAbout) : undefined
}
