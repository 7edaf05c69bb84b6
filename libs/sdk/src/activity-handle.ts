import type { Activity } from '@waggle/protocol'
import type { CollectiveCall, Written } from './collective-call.ts'
import type { ActivityInput, TimeInput } from './inputs.ts'
import { optionsOf, plainMap } from './plain-data.ts'
import { SESSION_OPTIONS, type CallOptions, type WriteOptions } from './session.ts'

/** Who works in a collective, and at what: one activity an agent, which lasts while its heart beats. */
export class ActivityHandle {
  readonly #call: CollectiveCall

  constructor(call: CollectiveCall) {
    this.#call = call
  }

  /** Says what an agent does from now on, in place of what it said before. */
  async register(activity: ActivityInput, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('activity.register', plainMap(activity, 'activity', { isRequest: true }), options)
  }

  /** The agent is still at it. @throws Fault `NOT_FOUND` where it has not registered */
  async heartbeat(agent: string, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('activity.heartbeat', { agent }, options)
  }

  /** @throws Fault `NOT_FOUND` where it has not registered */
  async end(agent: string, options: WriteOptions = {}): Promise<Written> {
    return this.#call.write('activity.end', { agent }, options)
  }

  /** Agents whose last heartbeat is not too old, the newest one first. `now`: as of which time. */
  async active(options: CallOptions & { readonly now?: TimeInput | undefined } = {}): Promise<readonly Activity[]> {
    const { now, ...known } = optionsOf(options, [...SESSION_OPTIONS, 'now'])
    return (await this.#call.call('activity.active', { now }, known)).items
  }
}
