/** What an operator sets for all collectives of a store; on a cluster it must be the same at every node. */
import { checkDecay, DECAY_DEFAULT, decodeDecay, invalidField, limits, type DecayConfig } from '@waggle/protocol'

export interface EngineSettings {
  /** How energy fades in collectives that do not say it themselves. */
  readonly decay: DecayConfig
  /** An agent whose last heartbeat is older, in milliseconds, is not active. */
  readonly activityStaleMs: number
}

/** PulseDB's published defaults. */
export const DEFAULT_SETTINGS: EngineSettings = { decay: DECAY_DEFAULT, activityStaleMs: 300_000 }

/** @throws Fault `INVALID_FIELD` with the name of the setting: `decay.halfLifeMs`, `activityStaleMs` */
export const checkSettings = ({ decay, activityStaleMs }: EngineSettings): void => {
  checkDecay(decay)
  const max = limits.TIME_MS_MAX
  if (!Number.isInteger(activityStaleMs) || activityStaleMs < 0 || activityStaleMs > max)
    throw invalidField('activityStaleMs', `integer 0..${max}`, { min: 0, max, value: String(activityStaleMs) })
}

/** Settings as an operator writes them, what is absent at its default. @throws Fault as `checkSettings` */
export const decodeSettings = (given: {
  readonly decay?: unknown
  readonly activityStaleMs?: unknown
}): EngineSettings => {
  const { decay, activityStaleMs = DEFAULT_SETTINGS.activityStaleMs } = given
  const settings = {
    decay: decay === undefined ? DECAY_DEFAULT : decodeDecay(decay, 'decay'),
    activityStaleMs: activityStaleMs as number,
  }
  checkSettings(settings)
  return settings
}
