/** What an operator sets for all collectives of a store; on a cluster it must be the same at every node. */
import { DECAY_DEFAULT, type DecayConfig } from '@waggle/protocol'

export interface EngineSettings {
  /** How energy fades in collectives that do not say it themselves. */
  readonly decay: DecayConfig
  /** An agent whose last heartbeat is older, in milliseconds, is not active. */
  readonly activityStaleMs: number
}

/** PulseDB's published defaults. */
export const DEFAULT_SETTINGS: EngineSettings = { decay: DECAY_DEFAULT, activityStaleMs: 300_000 }
