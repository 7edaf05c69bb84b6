/** The vectors of the vector stores in memory, for searches; a cache of the state that follows what is applied. */
import type { Effect } from '../event/effect.ts'

export class PointIndexes {
  /** Follows what was applied. */
  apply(effects: readonly Effect[]): void {
    void effects
  }
}
