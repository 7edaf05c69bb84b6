/**
 * Checkpoints in JetStream's Object Store, in its published format (`object-format.ts`), over a bounded stream.
 *
 * O1  An object is there when the message about it is: that comes last, so one that was interrupted is not there. What
 *     an interrupted one left goes with a later one.
 * O2  One chunk is in memory at a time, both ways. The client library's own reading is a consumer that is pushed to
 *     whether or not somebody takes what comes, and would hold a whole checkpoint.
 * O3  A chunk that is sent again carries the same id, so it is stored once.
 * O4  What was put is read back as it was, or `CORRUPT` is told at its end.
 * O5  The stream is made at the first use, with as many copies as the directory has, and what the server says of it is
 *     compared each time this process first uses it.
 */
import type { StreamInfo } from '@nats-io/jetstream'
import { engineFault } from '@waggle/engine'
import { pause, sha256Stream, utf8, type Clock, type IdSource, type Logger } from '@waggle/kernel'
import { fault, limits } from '@waggle/protocol'
import type { CheckpointShelf, ShelvedObject, ShelvedPiece } from '../checkpoint/checkpoint-shelf.ts'
import { DIRECTORY_BUCKET } from '../directory/directory.ts'
import { bucketStream, checkpointStreamConfig, checkStreamConfig } from '../log/stream-config.ts'
import { refusalOf } from './api-errors.ts'
import { headersOf } from './headers.ts'
import type { JetStreamAccess } from './jetstream-access.ts'
import { jittered, repeatedly, type Waiting } from './jetstream-retry.ts'
import { ensureStream, findStream, streamInfo } from './jetstream-streams.ts'
import {
  aboutPrefix,
  aboutSubject,
  chunkSubject,
  decodeAbout,
  digestText,
  nameOfSubject,
  objectStream,
  type ObjectAbout,
} from './object-format.ts'

export interface ObjectShelfParts extends Waiting {
  readonly access: JetStreamAccess
  readonly clock: Clock
  readonly ids: IdSource
  readonly logger: Logger
  /** Room of all checkpoints, which the servers set aside. */
  readonly bytesMax: number
}

const CHECKPOINT_BUCKET = 'waggle_checkpoints'
const STREAM = objectStream(CHECKPOINT_BUCKET)
/** With its headers under the smallest payload that a server of ours takes. */
const CHUNK_BYTES = limits.CHECKPOINT_PIECE_BYTES_MAX
/** An election of the stream's leader, twice. */
const PATIENCE_MS = 30_000
const PUBLISH_TIMEOUT_MS = 5_000
/** O1: no put lasts so long. */
const LEFT_OVER_MS = 6 * 60 * 60 * 1_000
const ABSENT_ANSWERS = 5
const ABSENT_DELAY_MS = 200

export const objectShelf = (parts: ObjectShelfParts): CheckpointShelf => new ObjectShelf(parts)

class ObjectShelf implements CheckpointShelf {
  readonly #parts: ObjectShelfParts
  #ensured: Promise<void> | undefined

  constructor(parts: ObjectShelfParts) {
    this.#parts = parts
  }

  async put(name: string, chunks: AsyncIterable<Uint8Array>, about: Readonly<Record<string, string>>): Promise<void> {
    await this.#ensure()
    await this.#sweep()
    const before = await this.#about(name)
    const nuid = this.#parts.ids.uuid()
    try {
      const said = await this.#putChunks(nuid, chunks)
      await this.#publish(
        aboutSubject(CHECKPOINT_BUCKET, name),
        nuid,
        utf8(JSON.stringify(this.#saying(name, nuid, said, about))),
        true,
      )
    } catch (error) {
      await this.#purge(chunkSubject(CHECKPOINT_BUCKET, nuid)).catch(() => undefined)
      throw refusalOf(error) === 'full' ? full(error) : error
    }
    if (before !== undefined) await this.#purge(chunkSubject(CHECKPOINT_BUCKET, before.nuid))
  }

  async piece(name: string, cursor: number): Promise<ShelvedPiece> {
    const { nuid, size: total } = await this.#found(name)
    const chunk = await this.#chunk(chunkSubject(CHECKPOINT_BUCKET, nuid), Math.max(1, cursor))
    if (chunk === undefined) throw damaged(name, 'a part of it is missing')
    return { bytes: chunk.data, total, cursor: chunk.seq + 1 }
  }

  async *get(name: string): AsyncGenerator<Uint8Array> {
    const about = await this.#found(name)
    const hash = sha256Stream()
    let next = 1
    for (let size = 0; size < about.size;) {
      const chunk = await this.#chunk(chunkSubject(CHECKPOINT_BUCKET, about.nuid), next)
      if (chunk === undefined) throw damaged(name, 'a part of it is missing')
      size += chunk.data.length
      next = chunk.seq + 1
      hash.update(chunk.data)
      yield chunk.data
    }
    // O4.
    if (digestText(hash.digest()) !== about.digest) throw damaged(name, 'its digest is another one')
  }

  async list(prefix: string): Promise<readonly ShelvedObject[]> {
    const subjects = await this.#subjects(`${aboutPrefix(CHECKPOINT_BUCKET)}>`)
    const objects: ShelvedObject[] = []
    for (const subject of subjects) {
      const name = nameOfSubject(CHECKPOINT_BUCKET, subject)
      const about = name?.startsWith(prefix) === true ? await this.#about(name) : undefined
      if (about !== undefined) objects.push({ name: about.name, bytes: about.size, about: about.metadata ?? {} })
    }
    return objects.sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  async remove(name: string): Promise<void> {
    const about = await this.#about(name)
    if (about === undefined) return
    // O1: first it is not there any more, then its chunks go.
    await this.#purge(aboutSubject(CHECKPOINT_BUCKET, name))
    await this.#purge(chunkSubject(CHECKPOINT_BUCKET, about.nuid))
  }

  /** O5. */
  async #ensure(): Promise<void> {
    this.#ensured ??= this.#open().catch((error: unknown) => {
      this.#ensured = undefined
      throw refusalOf(error) === 'full' ? full(error) : error
    })
    return this.#ensured
  }

  async #open(): Promise<void> {
    const { access, bytesMax } = this.#parts
    const question = { access, waiting: this.#parts }
    const directory = await findStream(question, bucketStream(DIRECTORY_BUCKET))
    const replicas = directory?.config.num_replicas ?? 1
    const config = checkpointStreamConfig({ bucket: CHECKPOINT_BUCKET, replicas, bytesMax })
    const info = await ensureStream(question, config)
    checkStreamConfig(config, info.config)
  }

  async #putChunks(nuid: string, pieces: AsyncIterable<Uint8Array>): Promise<PutSize> {
    const subject = chunkSubject(CHECKPOINT_BUCKET, nuid)
    const hash = sha256Stream()
    let [size, chunks] = [0, 0]
    for await (const chunk of chunked(pieces)) {
      hash.update(chunk)
      size += chunk.length
      chunks += 1
      await this.#publish(subject, `${nuid}-${chunks}`, chunk, false)
    }
    return { size, chunks, digest: digestText(hash.digest()) }
  }

  #saying(name: string, nuid: string, said: PutSize, about: Readonly<Record<string, string>>): ObjectAbout {
    return {
      ...{ name, nuid, bucket: CHECKPOINT_BUCKET, ...said },
      mtime: new Date(this.#parts.clock.nowMs()).toISOString(),
      deleted: false,
      metadata: about,
      options: { max_chunk_size: CHUNK_BYTES },
    }
  }

  /** O3. */
  async #publish(subject: string, msgID: string, bytes: Uint8Array, isRollup: boolean): Promise<void> {
    const { access } = this.#parts
    await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what: `stream ${STREAM}` }, () =>
      access.client.publish(subject, bytes, {
        ...{ msgID, timeout: PUBLISH_TIMEOUT_MS },
        ...(isRollup ? { headers: headersOf([['Nats-Rollup', 'sub']]) } : {}),
      }),
    )
  }

  async #about(name: string): Promise<ObjectAbout | undefined> {
    const { access } = this.#parts
    const subject = aboutSubject(CHECKPOINT_BUCKET, name)
    if ((await this.#info()) === undefined) return undefined
    const message = await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what: `object ${name}` }, () =>
      access.manager.streams.getMessage(STREAM, { last_by_subj: subject }),
    )
    return message === null ? undefined : decodeAbout(message.data)
  }

  async #found(name: string): Promise<ObjectAbout> {
    const about = await this.#about(name)
    if (about === undefined) throw fault('NOT_FOUND', `there is no checkpoint of that name name=${name}`, { name })
    return about
  }

  /** Any copy of the stream may answer, and one that lags behind does not know it yet. */
  async #chunk(subject: string, from: number) {
    const { access, timers, random } = this.#parts
    for (let answers = 1; ; answers += 1) {
      const message = await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what: `stream ${STREAM}` }, () =>
        access.manager.direct.getMessage(STREAM, { seq: from, next_by_subj: subject }),
      )
      if (message !== null) return message
      if (answers === ABSENT_ANSWERS) return undefined
      await pause(timers, jittered(random, ABSENT_DELAY_MS))
    }
  }

  async #info(): Promise<StreamInfo | undefined> {
    return findStream({ access: this.#parts.access, waiting: this.#parts }, STREAM)
  }

  async #subjects(filter: string): Promise<readonly string[]> {
    if ((await this.#info()) === undefined) return []
    const { access } = this.#parts
    const { state } = await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what: `stream ${STREAM}` }, () =>
      streamInfo(access.manager.streams, STREAM, { subjects_filter: filter }),
    )
    return Object.keys(state.subjects ?? {})
  }

  async #purge(filter: string): Promise<void> {
    const { access } = this.#parts
    await repeatedly(this.#parts, { patienceMs: PATIENCE_MS, what: `stream ${STREAM}` }, () =>
      access.manager.streams.purge(STREAM, { filter }),
    )
  }

  /** O1: chunks that no object names, begun long ago; ids of version 7 tell when. */
  async #sweep(): Promise<void> {
    const { clock, logger } = this.#parts
    const chunks = await this.#subjects(chunkSubject(CHECKPOINT_BUCKET, '>'))
    const left = chunks.filter((subject) => clock.nowMs() - begunAtMs(subject) > LEFT_OVER_MS)
    if (left.length === 0) return
    const named = new Set<string>()
    for (const subject of await this.#subjects(`${aboutPrefix(CHECKPOINT_BUCKET)}>`)) {
      const about = await this.#about(nameOfSubject(CHECKPOINT_BUCKET, subject) ?? '')
      if (about !== undefined) named.add(chunkSubject(CHECKPOINT_BUCKET, about.nuid))
    }
    for (const subject of left) {
      if (named.has(subject)) continue
      logger.warn('what an interrupted checkpoint left is removed', { subject })
      await this.#purge(subject)
    }
  }
}

type PutSize = Pick<ObjectAbout, 'size' | 'chunks' | 'digest'>

const begunAtMs = (subject: string): number =>
  Number.parseInt(
    subject
      .slice(subject.lastIndexOf('.') + 1)
      .replaceAll('-', '')
      .slice(0, 12),
    16,
  )

/** The same bytes in pieces of `CHUNK_BYTES`, the last one shorter. */
async function* chunked(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = []
  let bytes = 0
  for await (const piece of pieces)
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + CHUNK_BYTES - bytes)
      gathered.push(part)
      bytes += part.length
      at += part.length
      if (bytes < CHUNK_BYTES) continue
      yield Buffer.concat(gathered)
      gathered = []
      bytes = 0
    }
  if (bytes > 0) yield Buffer.concat(gathered)
}

const damaged = (name: string, reason: string) =>
  engineFault('CORRUPT', `a checkpoint is damaged: ${reason} name=${name}`, { name, reason })

const full = (cause: unknown) =>
  fault('STORAGE_FULL', 'there is no room for checkpoints', { stream: STREAM }, { cause, retryAfterMs: 60_000 })
