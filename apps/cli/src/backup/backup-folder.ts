/**
 * A backup: a folder with a manifest and the state of each shard, as a checkpoint's bytes.
 *
 * B1  It is written beside its place, synced, and moved there when it is whole. What an interrupted one left is removed
 *     by the next.
 * B2  What is read is compared with the manifest, block by block, before anybody gets it: a fault names the file and
 *     the bytes. That the rows in it are right the digest says, which whoever reads all of it compares.
 */
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import type { InspectedState } from '@waggle/embedded'
import { isFault } from '@waggle/kernel'
import { commandFault } from '../faults.ts'
import { writingAt } from '../output-failure.ts'
import {
  decodeManifest,
  encodeManifest,
  MANIFEST_FILE,
  stateFile,
  type BackedUpState,
  type BackupManifest,
} from './backup-manifest.ts'

const BLOCK_BYTES = 1024 * 1024

export class BackupWriter {
  readonly #target: string
  readonly #draft: string
  readonly #states: BackedUpState[] = []

  private constructor(target: string, draft: string) {
    this.#target = target
    this.#draft = draft
  }

  /** @throws Fault `OUTPUT_FAILED`, also where something is there already */
  static async create(named: string): Promise<BackupWriter> {
    const target = path.resolve(named)
    return writingAt(target, async () => {
      if (await isThere(target)) throw new Error('something of that name is there')
      const draft = path.join(path.dirname(target), `.${path.basename(target)}.partial`)
      // B1.
      await rm(draft, { recursive: true, force: true })
      await mkdir(draft, { recursive: true })
      return new BackupWriter(target, draft)
    })
  }

  /**
   * Writes the state of the next shard; one that was begun is begun again.
   * @throws Fault `OUTPUT_FAILED`, `CORRUPT`; what `pieces` throws
   */
  async add(shard: number, pieces: AsyncIterable<Uint8Array>): Promise<BackedUpState> {
    const { inspectState } = await import('@waggle/embedded')
    const file = stateFile(shard)
    const handle = await writingAt(this.#target, () => open(path.join(this.#draft, file), 'w'))
    const blocks = new Blocks()
    try {
      const inspected = await inspectState(writing(pieces, handle, blocks, this.#target))
      await writingAt(this.#target, () => handle.sync())
      const state = { shard, file, ...fieldsOf(inspected), blockBytes: BLOCK_BYTES, blocks: blocks.end() }
      this.#states[shard] = state
      return state
    } finally {
      await handle.close()
    }
  }

  /** Puts the backup in its place. @throws Fault `OUTPUT_FAILED` */
  async commit(about: Pick<BackupManifest, 'createdAtMs' | 'source'>): Promise<BackupManifest> {
    const manifest = { ...about, shards: this.#states.length, states: this.#states }
    await writingAt(this.#target, async () => {
      const handle = await open(path.join(this.#draft, MANIFEST_FILE), 'w')
      await handle.writeFile(encodeManifest(manifest))
      await handle.sync()
      await handle.close()
      await syncFolder(this.#draft)
      await rename(this.#draft, this.#target)
      await syncFolder(path.dirname(this.#target))
    })
    return manifest
  }

  /** Leaves nothing behind. Does no harm after `commit`. */
  async discard(): Promise<void> {
    await rm(this.#draft, { recursive: true, force: true })
  }
}

/** @throws Fault `INPUT_UNREADABLE`, `BACKUP_DAMAGED`, `BACKUP_UNSUITABLE` */
export const readManifest = async (folder: string): Promise<BackupManifest> => {
  const file = path.join(folder, MANIFEST_FILE)
  const bytes = await readFile(file).catch((error: unknown) => {
    throw commandFault(
      'INPUT_UNREADABLE',
      `backup has no manifest that can be read path=${file}`,
      { path: file },
      { cause: error },
    )
  })
  return decodeManifest(bytes.toString())
}

/** B2. The bytes of a state. @throws Fault `BACKUP_DAMAGED` */
export async function* stateBytes(folder: string, state: BackedUpState): AsyncGenerator<Uint8Array> {
  const { file, bytes, blockBytes, blocks } = state
  const full = path.join(folder, file)
  const length = (await stat(full).catch(() => undefined))?.size
  if (length !== bytes)
    throw damaged(state, `it has ${length ?? 'no'} bytes instead of ${bytes}`, Math.min(length ?? 0, bytes), bytes)
  let block = 0
  for await (const chunk of createReadStream(full, { highWaterMark: blockBytes })) {
    const found = chunk as Buffer
    const from = block * blockBytes
    if (crc32(found) !== blocks[block]) throw damaged(state, 'its bytes are others', from, from + found.length)
    block += 1
    yield found
  }
}

/**
 * Reads all of a state and compares it with what the manifest says, the digests of its rows among it. Whoever wants the
 * bytes meanwhile takes them with `take`.
 * @throws Fault `BACKUP_DAMAGED`, `BACKUP_UNSUITABLE`; what `take` throws
 */
export const verifyState = async (
  folder: string,
  state: BackedUpState,
  take: (bytes: Uint8Array) => Promise<void> | void = () => undefined,
): Promise<void> => {
  const { inspectState } = await import('@waggle/embedded')
  async function* taken(): AsyncGenerator<Uint8Array> {
    for await (const bytes of stateBytes(folder, state)) {
      await take(bytes)
      yield bytes
    }
  }
  const found = fieldsOf(await inspectState(taken()).catch((error: unknown) => throwAs(state, error)))
  for (const [name, value] of Object.entries(found))
    if (state[name as keyof typeof found] !== value)
      throw damaged(state, `another ${name} than the manifest says`, 0, state.bytes)
}

/** What reading a checkpoint says of it is about this file. */
const throwAs = (state: BackedUpState, error: unknown): never => {
  if (isFault(error) && error.code === 'FORMAT_UNSUPPORTED')
    throw commandFault(
      'BACKUP_UNSUITABLE',
      `${error.message} file=${state.file}`,
      { file: state.file },
      { cause: error },
    )
  if (isFault(error) && error.code === 'CORRUPT') throw damaged(state, error.message, 0, state.bytes)
  throw error
}

const fieldsOf = ({ generation, sequence, timeMs, digest, content, rows, contentRows, bytes }: InspectedState) => ({
  ...{ generation, sequence, timeMs, digest, content, rows, contentRows, bytes },
})

async function* writing(
  pieces: AsyncIterable<Uint8Array>,
  handle: FileHandle,
  blocks: Blocks,
  target: string,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    blocks.take(piece)
    await writingAt(target, async () => handle.writeFile(piece))
    yield piece
  }
}

/** The checksums of blocks of pieces of any size. */
class Blocks {
  readonly #checksums: number[] = []
  #checksum = 0
  #bytes = 0

  take(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + BLOCK_BYTES - this.#bytes)
      this.#checksum = crc32(part, this.#checksum)
      this.#bytes += part.length
      at += part.length
      if (this.#bytes === BLOCK_BYTES) this.#next()
    }
  }

  end(): readonly number[] {
    if (this.#bytes > 0) this.#next()
    return this.#checksums
  }

  #next(): void {
    this.#checksums.push(this.#checksum)
    this.#checksum = 0
    this.#bytes = 0
  }
}

const damaged = ({ file }: BackedUpState, reason: string, from: number, to: number) =>
  commandFault('BACKUP_DAMAGED', `backup is damaged: ${reason} file=${file} from=${from} to=${to}`, {
    file,
    reason,
    from,
    to,
  })

const isThere = async (target: string): Promise<boolean> =>
  stat(target).then(
    () => true,
    () => false,
  )

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder)
  await handle.sync().catch(() => undefined)
  await handle.close()
}
