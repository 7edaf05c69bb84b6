import type { VectorFigures } from './index/collective-indexes.ts'

/** How much an engine keeps at a moment. */
export interface EngineFigures extends VectorFigures {
  /** Writes that wait for their turn. */
  readonly writes: number
  /** Requests that wait for changes. */
  readonly watchers: number
}
