import type { Chance } from '../chance.ts'
import type { Surroundings } from './surroundings.ts'

/** A fault that was begun. */
export interface Begun {
  /** Whom it was done to, in words. */
  readonly target: string
  heal(): Promise<void>
}

export interface FaultContext {
  readonly surroundings: Surroundings
  readonly chance: Chance
  /** Where copies of folders are kept. */
  readonly spare: string
}

export interface FaultKind {
  readonly name: string
  /** How long it lasts, milliseconds: from, to. */
  readonly holdMs: readonly [number, number]
  /** Only where three servers replicate. */
  readonly isReplicated?: boolean
  /** In the short form, too. */
  readonly isShort?: boolean
  begin(context: FaultContext): Promise<Begun>
}
