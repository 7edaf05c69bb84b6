/** What a search weighs: both 0 or more, and together 1. */
export interface RecallWeights {
  readonly similarity: number
  readonly energy: number
}

/** How the energy of experiences fades (PulseDB's decay formula). */
export interface DecayConfig {
  /** Milliseconds without reinforcement after which energy has halved; 1 or more. */
  readonly halfLifeMs: number
  /** How much reinforcements lift energy; finite, 0 or more. */
  readonly freqWeight: number
  /** Below it an experience is cold, where a request names no other bound; 0..1. */
  readonly floor: number
  /** Weights of searches that name none; absent: similarity alone orders. */
  readonly weights?: RecallWeights
}

/** PulseDB's published defaults. */
export const DECAY_DEFAULT: DecayConfig = { halfLifeMs: 30 * 24 * 60 * 60 * 1_000, freqWeight: 0.25, floor: 0.05 }
