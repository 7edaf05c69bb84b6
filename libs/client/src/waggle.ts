import { Waggle as Store } from '@waggle/sdk'
import { openCaller, systemPorts } from './cluster-caller.ts'
import type { ConnectOptions } from './connect-options.ts'

/** A store of collectives behind a connection. Every method throws `Fault` and nothing else. */
export class Waggle extends Store {
  /**
   * Connects to a cluster.
   * @throws Fault `INVALID_FIELD`, `UNKNOWN_FIELD`, `DENIED`; `SHARD_NOT_READY` when no server answers within 10 s
   */
  static async connect(options: ConnectOptions): Promise<Waggle> {
    const caller = await openCaller(options, ['embedders', 'timeoutMs'])
    const { embedders, timeoutMs } = options
    try {
      return new Waggle({
        caller,
        ...systemPorts,
        ...(embedders === undefined ? {} : { embedders }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
      })
    } catch (error) {
      await caller.close()
      throw error
    }
  }
}
