/**
 * The energy of an experience: what is left of its importance, lifted by reinforcements and fading without them
 * (PulseDB's formula). It is computed when it is asked for and never stored.
 *
 * N1  It lies in 0..1, in single precision.
 * N2  It never rises while time passes: what lies ahead of the clock counts as reinforced now.
 * N3  A reinforcement never lowers it, and raises what is neither at 1 nor worth nothing.
 */
import type { Collective, DecayConfig } from '@waggle/protocol'
import type { EngineSettings } from '../../settings.ts'
import { totalApplications, type ExperienceRow } from './experience-rows.ts'

/** All of an experience that its energy depends on. */
export interface EnergyInputs {
  readonly importance: number
  /** Reinforcements over all instances. */
  readonly applications: number
  /** Epoch milliseconds. */
  readonly lastReinforced: number
}

/** Computed in double precision and narrowed once, before it is bounded (N1). */
export const energyOf = (
  { importance, applications, lastReinforced }: EnergyInputs,
  nowMs: number,
  decay: DecayConfig,
): number => fade(lift(importance, Math.log(1 + applications), decay), nowMs - lastReinforced, decay)

/** The importance, lifted by reinforcements. @param logApplications the logarithm of 1 and their number */
export const lift = (importance: number, logApplications: number, { freqWeight }: DecayConfig): number =>
  importance * (1 + freqWeight * logApplications)

/** What is left of a lifted importance: never more than after a shorter time. */
export const fade = (lifted: number, elapsedMs: number, { halfLifeMs }: DecayConfig): number =>
  // N2: clocks differ between leaders.
  clampUnit(Math.fround(lifted * Math.exp((-Math.LN2 / halfLifeMs) * Math.max(0, elapsedMs))))

export const clampUnit = (value: number): number => Math.max(0, Math.min(1, value))

/** How energy fades in a collective: as it says itself, else as the store is configured. */
export const decayOf = ({ decay }: Collective, settings: EngineSettings): DecayConfig => decay ?? settings.decay

/** What the energy of a record depends on. */
export const inputsOf = (row: ExperienceRow): EnergyInputs => ({
  importance: row.importance,
  applications: totalApplications(row),
  lastReinforced: row.lastReinforced,
})
