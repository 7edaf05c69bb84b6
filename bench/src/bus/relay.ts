/**
 * The bare way of a request through two processes: one takes it and passes it on with the reply subject that it came
 * with, the other answers there. It is what a router and a shard would be if they did nothing.
 */
import { connectNode } from '@waggle/cluster'
import { silentLogger, systemClock, systemRandom } from '@waggle/kernel'
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { report, startChild, waitForTheEnd, type Child } from '../child.ts'

export interface Access {
  readonly server: string
  readonly user: string
  readonly password: string
}

/** The last token is the size of the answer, bytes. */
const ASK = 'bench.ask'
const ANSWER = 'bench.answer'
const QUEUE = 'bench'
const HEADER = 'Bench-Forwarded'
/** As long as what a router adds. */
const HEADER_CHARACTERS = 120

export const askSubject = (answerBytes: number): string => `${ASK}.${answerBytes}`

/** A connection with the options that those of a cluster have. */
export const connectAs = async ({ server, user, password }: Access): Promise<NatsConnection> =>
  connectNode({
    ...{ servers: [server], user, password, name: 'bench' },
    ...{ logger: silentLogger, clock: systemClock, random: systemRandom },
  })

export interface Relay {
  readonly forwarder: number
  readonly responder: number
  stop(): Promise<void>
}

export const startRelay = async (access: Access): Promise<Relay> => {
  const children: readonly Child[] = ['bus-forwarder', 'bus-responder'].map((name) =>
    startChild(name, [JSON.stringify(access)]),
  )
  const [forwarder = 0, responder = 0] = await Promise.all(
    children.map(async (child) => (await child.report<{ readonly pid: number }>()).pid),
  )
  return {
    forwarder,
    responder,
    async stop() {
      await Promise.all(children.map(async (child) => child.kill()))
    },
  }
}

export const busForwarder = async ([access = '']: readonly string[]): Promise<void> => {
  const connection = await connectAs(JSON.parse(access) as Access)
  await serve(connection, `${ASK}.*`, ({ subject, data, reply = '' }) => {
    const added = headers()
    added.set(HEADER, 'x'.repeat(HEADER_CHARACTERS))
    connection.publish(`${ANSWER}.${subject.slice(ASK.length + 1)}`, data, { reply, headers: added })
  })
}

export const busResponder = async ([access = '']: readonly string[]): Promise<void> => {
  const connection = await connectAs(JSON.parse(access) as Access)
  await serve(connection, `${ANSWER}.*`, (message) => {
    message.respond(new Uint8Array(Number(message.subject.slice(ANSWER.length + 1))))
  })
}

const serve = async (connection: NatsConnection, subject: string, take: (message: Msg) => void): Promise<void> => {
  // Nobody is left to ask anything.
  process.once('disconnect', () => process.exit())
  connection.subscribe(subject, {
    queue: QUEUE,
    callback: (error, message) => (error === null ? take(message) : undefined),
  })
  await connection.flush()
  await report({ pid: process.pid })
  await waitForTheEnd()
}
