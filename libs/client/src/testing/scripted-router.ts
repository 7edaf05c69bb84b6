/** Stands where a router does and answers as a test says: the peer's side of the protocol, over a real server. */
import { connect, headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import {
  API_SUBJECTS,
  decodeBody,
  encodeFault,
  encodeReply,
  isOwnInbox,
  limits,
  parseApiSubject,
  type EncodedReply,
} from '@waggle/protocol'
import { isFault, type Fault } from '@waggle/kernel'

export interface SeenRequest {
  readonly tenant: string
  readonly operation: string
  readonly bytes: Uint8Array
  readonly body: Readonly<Record<string, unknown>>
  /** True for a reply subject under the tenant's own prefix. */
  readonly isOwnInbox: boolean
}

/** A result, a fault, bytes as they are, or silence. */
export type Answer = Readonly<Record<string, unknown>> | Fault | Uint8Array | undefined

/** One answer, at once or later, or several. */
type Scripted = Answer | Promise<Answer> | readonly Answer[]

export interface ScriptedRouter {
  /** In the order in which they came. */
  readonly seen: readonly SeenRequest[]
  readonly nc: NatsConnection
  /** Answers again a request that was seen before. */
  answer(index: number, answer: Answer): void
  close(): Promise<void>
}

/** @param script what to answer to a request; a list answers several times */
export const scriptedRouter = async (
  options: Parameters<typeof connect>[0],
  script: (request: SeenRequest, index: number) => Scripted,
): Promise<ScriptedRouter> => {
  const nc = await connect({ maxReconnectAttempts: -1, reconnectTimeWait: 50, ...options })
  const seen: SeenRequest[] = []
  const messages: Msg[] = []
  nc.subscribe(API_SUBJECTS, {
    queue: 'waggle-router',
    callback: (_error, message) => {
      const request = seenRequest(message)
      seen.push(request)
      messages.push(message)
      void reply(message, script(request, seen.length - 1))
    },
  })
  await nc.flush()
  return {
    seen,
    nc,
    answer: (index, answer) => void reply(messages[index] as Msg, answer),
    close: () => nc.close(),
  }
}

const seenRequest = (message: Msg): SeenRequest => {
  const { tenant, operation } = parseApiSubject(message.subject)
  return {
    tenant,
    operation,
    bytes: Uint8Array.from(message.data),
    body: decodeBody(message.data).value as SeenRequest['body'],
    isOwnInbox: isOwnInbox(tenant, message.reply ?? ''),
  }
}

const isList = (answer: Awaited<Scripted>): answer is readonly Answer[] => Array.isArray(answer)

const reply = async (message: Msg, answer: Scripted): Promise<void> => {
  const answers = await answer
  for (const each of isList(answers) ? answers : [answers]) respond(message, each)
}

const respond = (message: Msg, answer: Answer): void => {
  if (answer === undefined) return
  if (answer instanceof Uint8Array) message.respond(answer)
  else if (isFault(answer)) send(message, encodeFault(answer, 'messagePack'))
  else send(message, encodeReply(answer, 'messagePack', limits.REPLY_BYTES_MAX))
}

const send = (message: Msg, { bytes, headers: pairs = [] }: EncodedReply): void => {
  const all = headers()
  for (const [name, value] of pairs) all.set(name, value)
  message.respond(bytes, pairs.length === 0 ? {} : { headers: all })
}
