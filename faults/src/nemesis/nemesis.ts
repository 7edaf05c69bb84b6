/**
 * Breaks one thing after the other, in an order that the seed decides, and heals each.
 *
 * N1  A fault begins when writes of every collective go on again after the one before: so each pause is of one cause.
 * N2  Every kind comes once before any comes twice. Where no time is given, each comes once, in the order of the list.
 */
import { pause, systemClock, systemTimers } from '@waggle/kernel'
import type { Recorder } from '../history/recorder.ts'
import type { FaultContext, FaultKind } from './fault-kind.ts'

export interface NemesisParts extends FaultContext {
  readonly kinds: readonly FaultKind[]
  readonly recorder: Recorder
  readonly durationMs: number | undefined
  /** Resolves when every collective has acknowledged another write; rejects when that takes too long. */
  readonly settled: () => Promise<void>
  readonly tell: (line: string) => void
}

/** Between two faults. */
const QUIET_MS: readonly [number, number] = [1_500, 3_000]

export const disturb = async (parts: NemesisParts): Promise<void> => {
  const { kinds, durationMs, recorder, chance, settled, tell } = parts
  const endMs = systemClock.monotonicMs() + (durationMs ?? Infinity)
  let order: readonly FaultKind[] = durationMs === undefined ? kinds : []
  for (;;) {
    // N2
    if (order.length === 0 && durationMs !== undefined) order = chance.shuffled(kinds)
    const [kind, ...rest] = order
    order = rest
    const leftMs = endMs - systemClock.monotonicMs()
    if (kind === undefined || leftMs <= 0) return
    await pause(systemTimers, chance.between(...QUIET_MS))
    const { name } = kind
    recorder.fault({ name, phase: 'begin', target: '' })
    const begun = await kind.begin(parts)
    tell(`${name}: ${begun.target}`)
    await pause(systemTimers, chance.between(...kind.holdMs))
    await begun.heal()
    recorder.fault({ name, phase: 'end', target: begun.target })
    // N1
    await settled()
  }
}
