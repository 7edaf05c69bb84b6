/**
 * A graph on disk: a cache that is checked as if it were somebody else's, because the binding checks neither what it
 * writes nor what it reads.
 *
 * ```
 * <base>.hnsw   what the binding writes
 * <base>.ids    u32 length of the head | head, JSON | ids, 16 bytes a label | CRC-32 of the vectors, u32 a label |
 *               removed labels, u32 each | u32 CRC-32 of all before            (little-endian)
 * ```
 *
 * J1  Drafts are checked for completeness, flushed and renamed, the `.ids` last: it names the CRC-32 of the other, so
 *     two that do not belong together are found out.
 * J2  A file is read by the binding only after its head, its structure to the last byte, its CRC-32, and what index it
 *     is of have been found right.
 * J3  In any doubt both are removed: the graph is built anew from the state.
 */
import { open, readFile, rename, rm, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import { makeDurableDirectory, syncPath } from '../../store/durable-directory.ts'
import { GRAPH_EF_CONSTRUCTION, GRAPH_LINKS } from './hnsw-graph.ts'

/** What a file says of the graph in it; without labels it is a note alone. */
export interface GraphRecord {
  /** By label. */
  readonly ids: Uint8Array
  /** CRC-32 of the vector as it was, by label. */
  readonly checks: Uint32Array
  readonly dead: Uint32Array
  /** What the owner of the graph wants to know when it is back; JSON. */
  readonly note: unknown
}

/** What a file must be of to be of use. */
export interface GraphIdentity {
  /** Names the life of the index: no other one is ever told so. */
  readonly index: string
  readonly dimension: number
}

const FORMAT = 1
const ID_BYTES = 16
const CHUNK_BYTES = 1 << 20

interface Head extends GraphIdentity {
  readonly format: number
  readonly links: number
  readonly efConstruction: number
  readonly count: number
  readonly dead: number
  readonly bytes: number
  readonly crc: number
  readonly note: unknown
}

/** The file that the binding reads. */
export const graphPath = (base: string): string => `${base}.hnsw`
const idsPath = (base: string): string => `${base}.ids`
const draftOf = (file: string): string => `${file}.draft`

/**
 * J1.
 * @param write has the binding write the graph
 * @throws Error when the graph could not be written whole; what was there before is then as it was, or found out
 */
export const writeGraph = async (
  base: string,
  identity: GraphIdentity,
  { ids, checks, dead, note }: GraphRecord,
  write: (file: string) => Promise<void>,
): Promise<void> => {
  await makeDurableDirectory(path.dirname(base))
  const [file, idsFile] = [graphPath(base), idsPath(base)]
  const count = checks.length
  try {
    await write(draftOf(file))
    const { bytes, crc } = await checkStructure(draftOf(file), { dimension: identity.dimension, count })
    await syncPath(draftOf(file))
    const head = headOf(identity, { count, dead: dead.length, bytes, crc, note })
    await writeDurably(draftOf(idsFile), encodeIds(head, { ids, checks, dead }))
    await rename(draftOf(file), file)
    await rename(draftOf(idsFile), idsFile)
    await syncPath(path.dirname(base))
  } catch (error) {
    await Promise.all([file, idsFile].map((each) => rm(draftOf(each), { force: true })))
    throw error
  }
}

/** Keeps a note in place of a graph. @throws Error when it could not be written */
export const writeNote = async (base: string, identity: GraphIdentity, note: unknown): Promise<void> => {
  await makeDurableDirectory(path.dirname(base))
  await removeGraph(base)
  const nothing = { ids: new Uint8Array(), checks: new Uint32Array(), dead: new Uint32Array() }
  const head = headOf(identity, { count: 0, dead: 0, bytes: 0, crc: 0, note })
  await writeDurably(draftOf(idsPath(base)), encodeIds(head, nothing))
  await rename(draftOf(idsPath(base)), idsPath(base))
}

const headOf = (
  { index, dimension }: GraphIdentity,
  found: Pick<Head, 'count' | 'dead' | 'bytes' | 'crc' | 'note'>,
): Head => ({
  ...{ format: FORMAT, index, dimension, links: GRAPH_LINKS, efConstruction: GRAPH_EF_CONSTRUCTION },
  ...found,
})

/** J2. @throws Error what is wrong with the file; `undefined` when there is none */
export const checkGraph = async (base: string, identity: GraphIdentity): Promise<GraphRecord | undefined> => {
  const bytes = await readFile(idsPath(base)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const { head, record } = decodeIds(bytes)
  const { index, dimension, count } = head
  require(index === identity.index, 'it is of another index')
  require(dimension === identity.dimension, 'it has another dimension')
  require(head.links === GRAPH_LINKS && head.efConstruction === GRAPH_EF_CONSTRUCTION, 'it was built otherwise')
  if (count === 0) return record
  const found = await checkStructure(graphPath(base), { dimension, count })
  require(found.bytes === head.bytes && found.crc === head.crc, 'its bytes are not those that were written')
  return record
}

/** J3. */
export const removeGraph = async (base: string): Promise<void> => {
  const files = [idsPath(base), graphPath(base)]
  await Promise.all([...files, ...files.map(draftOf)].map((file) => rm(file, { force: true })))
}

const encodeIds = (head: Head, { ids, checks, dead }: Omit<GraphRecord, 'note'>): Buffer => {
  const text = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const body = Buffer.concat([length, text, ids, bytesOf(checks), bytesOf(dead)])
  const check = Buffer.alloc(4)
  check.writeUInt32LE(crc32(body))
  return Buffer.concat([body, check])
}

const decodeIds = (bytes: Buffer): { readonly head: Head; readonly record: GraphRecord } => {
  require(bytes.length > 8, 'its ids are cut off')
  const body = bytes.subarray(0, -4)
  require(crc32(body) === bytes.readUInt32LE(body.length), 'its ids are damaged')
  const start = 4 + body.readUInt32LE(0)
  const head = JSON.parse(body.toString('utf8', 4, start)) as Head
  require(head.format === FORMAT, 'it has another format')
  const { count } = head
  const [idsEnd, checksEnd] = [start + count * ID_BYTES, start + count * (ID_BYTES + 4)]
  require(body.length === checksEnd + head.dead * 4, 'its ids have another number')
  const record = {
    ids: Uint8Array.from(body.subarray(start, idsEnd)),
    checks: numbersOf(body.subarray(idsEnd, checksEnd)),
    dead: numbersOf(body.subarray(checksEnd)),
    note: head.note,
  }
  require(record.dead.every((label) => label < count), 'a removed label is none of its own')
  return { head, record }
}

/**
 * Reads what the binding has written from the first byte to the last.
 *
 * ```
 * 8 room:8 | 16 count:8 | 24 row:8 | 72 links:8 | 96 count rows of 4 dimension + 8 links + 12 |
 * count times: bytes of its upper links:4, and these          (the binding's own layout; numbers as of this machine)
 * ```
 * @throws Error when it is not all there
 */
const checkStructure = async (
  file: string,
  { dimension, count }: { readonly dimension: number; readonly count: number },
): Promise<{ readonly bytes: number; readonly crc: number }> => {
  const handle = await open(file, 'r')
  try {
    const { size: bytes } = await handle.stat()
    const rowBytes = 4 * dimension + 8 * GRAPH_LINKS + 12
    const linksStart = HEAD_BYTES + count * rowBytes
    require(bytes >= linksStart + 4 * count, 'it is cut off')
    const head = Buffer.alloc(HEAD_BYTES)
    await handle.read(head, 0, HEAD_BYTES, 0)
    const numberAt = (offset: number): number => Number(head.readBigUInt64LE(offset))
    require(numberAt(16) === count && count > 0, 'it has another number of vectors')
    // The binding would write its rows beyond the room that it allocates.
    require(numberAt(8) >= count && numberAt(8) < 2 ** 32, 'its room is less than what is in it')
    require(numberAt(24) === rowBytes && numberAt(72) === GRAPH_LINKS, 'its rows have another size')
    await checkUpperLinks(handle, { from: linksStart, to: bytes, count })
    return { bytes, crc: await crcOf(handle) }
  } finally {
    await handle.close()
  }
}

const HEAD_BYTES = 96

const checkUpperLinks = async (
  handle: FileHandle,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): Promise<void> => {
  const links = Buffer.alloc(to - from)
  await handle.read(links, 0, links.length, from)
  let at = 0
  for (let row = 0; row < count; row += 1) {
    require(at + 4 <= links.length, 'its links are cut off')
    at += 4 + links.readUInt32LE(at)
  }
  require(at === links.length, 'its links end elsewhere')
}

const crcOf = async (handle: FileHandle): Promise<number> => {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  let crc = 0
  for (let position = 0; ;) {
    const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, position)
    if (bytesRead === 0) return crc
    crc = crc32(chunk.subarray(0, bytesRead), crc)
    position += bytesRead
  }
}

const writeDurably = async (file: string, bytes: Uint8Array): Promise<void> => {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const bytesOf = (numbers: Uint32Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength)

/** Copied, since it may begin anywhere. */
const numbersOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(Uint8Array.from(bytes).buffer)

function require(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what)
}
