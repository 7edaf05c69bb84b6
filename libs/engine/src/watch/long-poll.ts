/**
 * A poll that waits: reads, and where nothing matches waits for a change and reads on from there, until its time is
 * over. No reading is open while it waits.
 */
import type { Scope } from '../state/keyspace.ts'
import type { ChangeFollower } from './change-waiters.ts'

/** What every poll answers. */
export interface PollReply {
  /** Where to go on. */
  readonly next: string
}

export interface LongPollParts<Request, Reply extends PollReply> {
  readonly follow: (scope: Scope) => ChangeFollower
  /** Milliseconds. */
  readonly waitMs: number
  /** One reading. `onScope` is called before it first waits, so that nothing comes between reading and following. */
  readonly read: (request: Request, onScope: (scope: Scope) => void) => Promise<Reply>
  /** Whether there is something to answer. */
  readonly isAnswer: (reply: Reply) => boolean
  /** The same request from where a reply has ended. */
  readonly goOn: (request: Request, next: string) => Request
}

/** @throws Fault as `read`, or why waiting was ended */
export const longPoll = async <Request, Reply extends PollReply>(
  request: Request,
  { follow, waitMs, read, isAnswer, goOn }: LongPollParts<Request, Reply>,
): Promise<Reply> => {
  let follower: ChangeFollower | undefined
  try {
    for (let current = request; ;) {
      const reply = await read(current, (scope) => {
        follower ??= follow(scope)
      })
      if (isAnswer(reply) || follower === undefined || !(await follower.changed(waitMs))) return reply
      current = goOn(current, reply.next)
    }
  } finally {
    follower?.end()
  }
}
