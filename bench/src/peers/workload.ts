/**
 * What everybody works on: the same files for ourselves and for every peer, in a folder that is made once for its seed
 * and its size.
 *
 *   base.f32     vectors of length 1, float32, little-endian, one after the other
 *   queries.f32  vectors of the same form
 *   truth.i32    for each query the rows of its ten nearest, best first
 *   texts.bin    a text of 200 bytes a row, beginning with `#row `
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededRandom } from '../seeded-random.ts'
import { nearestRows } from '../vectors/nearest-rows.ts'
import { DIMENSION, makeVectors, type VectorKind } from '../vectors/vector-set.ts'

export interface Workload {
  readonly kind: VectorKind
  readonly rows: number
  readonly queries: number
  /** Holds the files. */
  readonly folder: string
  /** SHA-256 of each file. */
  readonly hashes: Readonly<Record<string, string>>
}

export const TEXT_BYTES = 200
/** Results that are asked for. */
export const K = 10
const WORDS =
  'the build failed after a cache was shared between two branches so pin it and retry with clean state'.split(' ')
const FILES = ['base.f32', 'queries.f32', 'truth.i32', 'texts.bin'] as const

interface WorkloadSize {
  readonly seed: number
  readonly rows: number
  readonly queries: number
}

/** The files below `parent`, made where they are not there or not as they were made. */
export const workloadIn = async (parent: string, kind: VectorKind, size: WorkloadSize): Promise<Workload> => {
  const { seed, rows, queries } = size
  const folder = join(parent, `${kind}-${rows}-${queries}-${seed}`)
  const noted = join(folder, 'hashes.json')
  if (existsSync(noted)) {
    const hashes = JSON.parse(await readFile(noted, 'utf8')) as Record<string, string>
    const found = await hashesOf(folder)
    if (FILES.every((file) => found[file] === hashes[file])) return { kind, rows, queries, folder, hashes }
  }
  await rm(folder, { recursive: true, force: true })
  // A folder of that name is whole: what breaks off leaves another one.
  const begun = `${folder}.tmp`
  await mkdir(begun, { recursive: true })
  await writeWorkload(begun, kind, size)
  const hashes = await hashesOf(begun)
  await writeFile(join(begun, 'hashes.json'), JSON.stringify(hashes))
  await rename(begun, folder)
  return { kind, rows, queries, folder, hashes }
}

const writeWorkload = async (folder: string, kind: VectorKind, size: WorkloadSize): Promise<void> => {
  const { base, queries } = makeVectors(kind, size)
  const truth = nearestRows(base, queries, DIMENSION, K)
  const contents = [bytesOf(base), bytesOf(queries), bytesOf(truth), textsOf(size)]
  for (const [index, file] of FILES.entries()) await writeFile(join(folder, file), contents[index] as Uint8Array)
}

const textsOf = ({ seed, rows }: WorkloadSize): Uint8Array => {
  const texts = Buffer.alloc(rows * TEXT_BYTES)
  for (let row = 0; row < rows; row += 1) {
    const random = seededRandom(seed, row)
    let text = `#${row}`
    while (text.length < TEXT_BYTES) text += ` ${WORDS[random.below(WORDS.length)] ?? ''}`
    texts.write(text.slice(0, TEXT_BYTES), row * TEXT_BYTES, 'latin1')
  }
  return texts
}

const hashesOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const hash = async (file: string): Promise<readonly [string, string]> => {
    if (!existsSync(join(folder, file))) return [file, 'missing']
    const bytes = await readFile(join(folder, file))
    return [file, createHash('sha256').update(bytes).digest('hex')]
  }
  return Object.fromEntries(await Promise.all(FILES.map(hash)))
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/** A workload read back: row by row, without a copy. */
export interface LoadedWorkload {
  readonly rows: number
  readonly queries: readonly Float32Array[]
  vector(row: number): Float32Array
  text(row: number): string
  /** Share of the exact ten that are among `found`, 0..1. */
  recall(query: number, found: readonly number[]): number
}

/** @param folder as `workloadIn` made it */
export const loadWorkload = async (folder: string): Promise<LoadedWorkload> => {
  const read = async (file: (typeof FILES)[number]): Promise<Buffer> => readFile(join(folder, file))
  const [base, asked, exact, texts] = await Promise.all([...FILES].map(read))
  if (base === undefined || asked === undefined || exact === undefined || texts === undefined)
    throw new Error('a workload is not whole')
  const rowBytes = DIMENSION * Float32Array.BYTES_PER_ELEMENT
  const vectorAt = (bytes: Buffer, row: number): Float32Array =>
    new Float32Array(bytes.buffer, bytes.byteOffset + row * rowBytes, DIMENSION)
  const truth = new Int32Array(exact.buffer, exact.byteOffset, exact.length / Int32Array.BYTES_PER_ELEMENT)
  return {
    rows: base.length / rowBytes,
    queries: Array.from({ length: asked.length / rowBytes }, (_, query) => vectorAt(asked, query)),
    vector: (row) => vectorAt(base, row),
    text: (row) => texts.toString('latin1', row * TEXT_BYTES, (row + 1) * TEXT_BYTES),
    recall(query, found) {
      const nearest = new Set(truth.subarray(query * K, query * K + K))
      return found.filter((row) => nearest.has(row)).length / K
    },
  }
}

/** The row that a text is of. */
export const rowOf = (text: string): number => Number.parseInt(text.slice(1), 10)
