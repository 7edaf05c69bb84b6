/**
 * `watch.next` that waits: reads, and where nothing matches waits for a change and reads on from there, until its time
 * is over. No reading is open while it waits.
 */
import type { RequestOf, ResultOf } from '@waggle/protocol'
import type { Scope } from '../state/keyspace.ts'
import type { ChangeFollower, ChangeWaiters } from './change-waiters.ts'

type Request = RequestOf<'watch.next'>
type Reply = ResultOf<'watch.next'>

export interface LongPollParts<Read extends Reply> {
  readonly waiters: ChangeWaiters
  /** Milliseconds. */
  readonly waitMs: number
  /** One reading. `onScope` is called before it first waits, so that nothing comes between reading and following. */
  readonly read: (request: Request, onScope: (scope: Scope) => void) => Promise<Read>
}

/** @throws Fault as `read`, or why waiting was ended */
export const longPoll = async <Read extends Reply>(
  request: Request,
  { waiters, waitMs, read }: LongPollParts<Read>,
): Promise<Read> => {
  let follower: ChangeFollower | undefined
  try {
    for (let { from } = request; ;) {
      const reply = await read(from === undefined ? request : { ...request, from }, (scope) => {
        follower ??= waiters.follow(scope)
      })
      if (isAnswer(reply) || follower === undefined || !(await follower.changed(waitMs))) return reply
      from = reply.next
    }
  } finally {
    follower?.end()
  }
}

const isAnswer = ({ changes, more, lost }: Reply): boolean => changes.length > 0 || more === true || lost === true
