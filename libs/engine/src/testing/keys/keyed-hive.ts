/** A collective whose keys are written and subscribed to. */
import { createHash, randomUUID } from 'node:crypto'
import {
  encodeMessagePack,
  limits,
  type BuiltName,
  type CollectiveId,
  type KeyFrame,
  type KeyValue,
  type RequestOf,
  type ResultOf,
} from '@waggle/protocol'
import { openTestEngine, type TestEngine, type TestEngineOptions } from '../test-engine.ts'

/** As callers give them: bytes, or text. */
export type Bytes = Uint8Array | string
export type Entry = readonly [key: Bytes, value: Bytes]
export type Subscription = Partial<Omit<RequestOf<'keys.subscribe'>, 'collective' | 'selectors' | 'valueFilters'>> & {
  readonly selectors?: readonly object[]
  readonly valueFilters?: readonly object[]
  readonly timeoutMs?: number
}

/** A frame as texts: its sequence, `key=value` for each entry, and the keys that it leaves deleted. */
export type FrameText = readonly [sequence: number, entries: readonly string[], deleted: readonly string[]]

export interface KeyedHive {
  readonly engine: TestEngine
  readonly id: CollectiveId
  call(operation: BuiltName, fields?: object): Promise<Readonly<Record<string, unknown>>>
  /** Gives the sequence. */
  put(...entries: readonly Entry[]): Promise<number>
  delete(...keys: readonly Bytes[]): Promise<number>
  /** Puts what is too large for a request. */
  upload(...entries: readonly Entry[]): Promise<number>
  subscribe(request?: Subscription): Promise<ResultOf<'keys.subscribe'>>
  /** Every frame from a place to the end, reply by reply, their parts joined. */
  frames(request?: Subscription): Promise<readonly KeyFrame[]>
  batch(sequence: number, fields?: object): Promise<ResultOf<'keys.batch'>>
}

export const createKeys = async (engine: TestEngine, name = 'bees'): Promise<KeyedHive> => {
  const { collective } = await engine.call('collective.create', { name, dimension: 2 })
  const { id } = collective as { id: CollectiveId }
  const call: KeyedHive['call'] = (operation, fields = {}) => engine.call(operation, { collective: id, ...fields })
  const subscribe: KeyedHive['subscribe'] = async (request = {}) =>
    (await call('keys.subscribe', request)) as unknown as ResultOf<'keys.subscribe'>
  return {
    ...{ engine, id, call, subscribe },
    put: async (...entries) => (await call('keys.put', { entries })).sequence as number,
    delete: async (...keys) => (await call('keys.delete', { keys })).sequence as number,
    async upload(...entries) {
      const bytes = encodeMessagePack(entries.map(([key, value]) => [Buffer.from(key), Buffer.from(value)]))
      const size = limits.UPLOAD_PART_BYTES_MAX
      const parts = Math.ceil(bytes.length / size)
      const upload = randomUUID()
      for (let index = 0; index < parts; index++)
        await call('keys.stage', { upload, index, bytes: bytes.subarray(index * size, (index + 1) * size) })
      const sha256 = createHash('sha256').update(bytes).digest()
      return (await call('keys.put', { upload: { id: upload, parts, sha256 } })).sequence as number
    },
    batch: async (sequence, fields = {}) =>
      (await call('keys.batch', { sequence, ...fields })) as unknown as ResultOf<'keys.batch'>,
    async frames({ since, ...request } = {}) {
      const frames: KeyFrame[] = []
      let reply = await subscribe({ ...request, ...(since === undefined ? {} : { since }) })
      for (;;) {
        if (reply.lost === true) throw new Error('the journal was pruned')
        for (const frame of reply.frames) addFrame(frames, frame)
        if (reply.more !== true) return frames
        reply = await subscribe({ ...request, from: reply.next })
      }
    },
  }
}

export const openKeys = async (options?: TestEngineOptions): Promise<KeyedHive> =>
  createKeys(await openTestEngine(options))

/** Adds a frame, or the rest of the last one. */
export const addFrame = (frames: KeyFrame[], frame: KeyFrame): void => {
  const last = frames.at(-1)
  if (last?.sequence !== frame.sequence) {
    frames.push(frame)
    return
  }
  const entries = [...last.entries, ...frame.entries]
  frames[frames.length - 1] = { ...frame, entries, deleted: [...last.deleted, ...frame.deleted] }
}

export const textOf = (value: KeyValue): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString() : `<${value.size} bytes>`

export const frameText = ({ sequence, entries, deleted }: KeyFrame): FrameText => [
  sequence,
  entries.map(([key, value]) => `${textOf(key)}=${textOf(value)}`),
  deleted.map(textOf),
]
