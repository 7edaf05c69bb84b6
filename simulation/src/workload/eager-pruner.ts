/** Asks leaders to prune their journals as a compactor does, but all the time: so that pruning meets everything. */
import { headersOf } from '@waggle/cluster'
import { pause } from '@waggle/kernel'
import {
  BEAT_SUBJECTS,
  decodeClusterMessage,
  encodeInternalRequest,
  INTERNAL_HEADER,
  upkeepSubject,
} from '@waggle/protocol'
import type { SimulatedConnection } from '../network/bus.ts'
import type { SimulatedProcess } from '../world/process.ts'

const KEEP_MS = 1_500

export class EagerPruner {
  isStopped = false
  readonly #process: SimulatedProcess
  readonly #connection: SimulatedConnection
  /** Of each shard, the newest epoch that was heard of. */
  readonly #epochs = new Map<number, number>()

  /** @param connection with the inbox of a compactor */
  constructor(process: SimulatedProcess, connection: SimulatedConnection) {
    this.#process = process
    this.#connection = connection
    connection.subscribe(BEAT_SUBJECTS, {
      callback: (_, { data }) => {
        const beat = decodeClusterMessage('shard', data)
        if (beat === undefined) return
        this.#epochs.set(beat.shard, Math.max(beat.epoch.sequence, this.#epochs.get(beat.shard) ?? 0))
      },
    })
  }

  async run(): Promise<void> {
    const { timers, random } = this.#process
    const header = encodeInternalRequest({ kind: 'pruneJournals', keepMs: KEEP_MS })
    while (!this.isStopped) {
      await pause(timers, random.around(400))
      for (const [shard, epoch] of this.#epochs) {
        const headers = headersOf([[INTERNAL_HEADER, header]])
        await this.#connection
          .request(upkeepSubject(shard, epoch), undefined, { timeout: 2_000, headers })
          .catch(() => undefined)
      }
    }
  }
}
