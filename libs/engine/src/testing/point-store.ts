/** One collective of vectors and payloads over an engine in memory. */
import type { BuiltName, CollectiveId, ResultOf } from '@waggle/protocol'
import { openTestEngine, type TestEngine, type TestEngineOptions } from './test-engine.ts'

/** What is asked for of points. */
export type PointOperation = Extract<BuiltName, `vectors.${string}` | `payloads.${string}`>

export interface PointStore {
  readonly engine: TestEngine
  readonly collective: CollectiveId
  /** @param fields in any form that the operation takes */
  readonly ask: <Name extends PointOperation>(name: Name, fields?: object) => Promise<ResultOf<Name>>
}

/** The points of a collective that is there. */
export const pointsOf = (engine: TestEngine, collective: CollectiveId): PointStore => ({
  engine,
  collective,
  ask: async (name, fields = {}) => {
    const { token: _, ...result } = await engine.call(name, { collective, ...fields })
    return result as never
  },
})

export const openPoints = async (dimension: number, options: TestEngineOptions = {}): Promise<PointStore> => {
  const engine = await openTestEngine(options)
  const { collective } = await engine.call('collective.create', { name: 'bees', dimension })
  return pointsOf(engine, (collective as { readonly id: CollectiveId }).id)
}

/** The same log, and a state that is built from it; the digests of both. */
export const rebuilt = async ({
  engine,
  collective,
}: PointStore): Promise<{ readonly points: PointStore; readonly before: unknown; readonly after: unknown }> => {
  const { engine: closing, stream, clock } = engine
  const before = await closing.digest()
  // Keys that were made before are not made again.
  const seed = closing.position.applied + 1_000
  await closing.close()
  const again = await openTestEngine({ stream, clock, seed })
  return { points: pointsOf(again, collective), before, after: await again.engine.digest() }
}
