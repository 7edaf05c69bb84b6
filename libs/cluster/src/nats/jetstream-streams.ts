/** Streams by name: what the leader of one says of it, and creating one where there is none. */
import { pause } from '@waggle/kernel'
import type { StreamConfig, StreamInfo, StreamInfoRequestOptions } from '@nats-io/jetstream'
import { apiCode, LeaderlessStreamError, STREAM_NAME_TAKEN, STREAM_NOT_FOUND } from './api-errors.ts'
import type { JetStreamAccess } from './jetstream-access.ts'
import { jittered, repeatedly, type Waiting } from './jetstream-retry.ts'

/** Milliseconds. A stream's leader is elected in 4-9 s, twice that when a vote splits. */
const PATIENCE_MS = 30_000
/** "Not found" counts when it is said so often: a server that has just come up may not know all streams yet. */
const MISSING_ANSWERS = 4
const MISSING_DELAY_MS = 400

/** @throws LeaderlessStreamError where a server speaks for itself, not for the stream; what the client throws */
export const streamInfo = async (
  streams: Pick<JetStreamAccess['manager']['streams'], 'info'>,
  name: string,
  options?: Partial<StreamInfoRequestOptions>,
): Promise<StreamInfo> => {
  const info = await streams.info(name, options)
  if (info.config.num_replicas > 1 && info.cluster?.leader === undefined) throw new LeaderlessStreamError(name)
  return info
}

export interface StreamQuestion {
  readonly access: JetStreamAccess
  readonly waiting: Waiting
  readonly patienceMs?: number
}

/** `undefined` when there is no such stream, which one answer suffices for. @throws Fault `SHARD_NOT_READY` */
export const findStream = (
  { access, waiting, patienceMs = PATIENCE_MS }: StreamQuestion,
  name: string,
): Promise<StreamInfo | undefined> =>
  repeatedly(waiting, { patienceMs, what: `stream ${name}` }, () =>
    streamInfo(access.manager.streams, name).catch((error: unknown) => {
      if (apiCode(error) === STREAM_NOT_FOUND) return undefined
      throw error
    }),
  )

/** The same for a stream that was there before: `undefined` only when several answers agree. */
export const findKnownStream = async (question: StreamQuestion, name: string): Promise<StreamInfo | undefined> => {
  const { timers, random } = question.waiting
  for (let answers = 1; ; answers += 1) {
    const info = await findStream(question, name)
    if (info !== undefined || answers === MISSING_ANSWERS) return info
    await pause(timers, jittered(random, MISSING_DELAY_MS))
  }
}

/** The stream, created where there is none; whether it is as wished the caller must check. */
export const ensureStream = async (
  question: StreamQuestion,
  config: Partial<StreamConfig> & { readonly name: string },
): Promise<StreamInfo> => {
  const { access, waiting, patienceMs = PATIENCE_MS } = question
  const add = () =>
    // A copy: the client fills in what is missing.
    access.manager.streams.add({ ...config }).catch((error: unknown) => {
      // Somebody else was quicker, with other wishes.
      if (apiCode(error) === STREAM_NAME_TAKEN) return streamInfo(access.manager.streams, config.name)
      throw error
    })
  return (
    (await findStream(question, config.name)) ??
    (await repeatedly(waiting, { patienceMs, what: `stream ${config.name}` }, add))
  )
}

/** The streams that take messages of that subject. */
export const streamsOfSubject = (
  { access, waiting, patienceMs = PATIENCE_MS }: StreamQuestion,
  subject: string,
): Promise<readonly string[]> =>
  repeatedly(waiting, { patienceMs, what: `subject ${subject}` }, async () => {
    const names: string[] = []
    for await (const name of access.manager.streams.names(subject)) names.push(name)
    return names
  })

/** Does nothing where there is none. @throws Fault `SHARD_NOT_READY` */
export const removeStream = async (
  { access, waiting, patienceMs = PATIENCE_MS }: StreamQuestion,
  name: string,
): Promise<void> => {
  await repeatedly(waiting, { patienceMs, what: `stream ${name}` }, () =>
    access.manager.streams.delete(name).catch((error: unknown) => {
      if (apiCode(error) !== STREAM_NOT_FOUND) throw error
    }),
  )
}
