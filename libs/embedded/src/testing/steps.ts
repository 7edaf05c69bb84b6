/**
 * A fixed sequence of writes: what step n does depends on n alone, so whoever knows how far a killed process came can
 * tell what must be there, and do any step again with the same key.
 */
import type { CollectiveHandle, ExperienceInput } from '@waggle/sdk'

export const DIMENSION = 8
/** Records of a step that records many, all or none. */
export const MANY = 20
/** How far back the record lies that a step changes: far enough to be acknowledged in a window of concurrent steps. */
const BACK = 46

export type Step =
  | { readonly verb: 'record'; readonly of: number }
  | { readonly verb: 'recordMany'; readonly of: number }
  | { readonly verb: 'update' | 'archive' | 'delete'; readonly of: number }

export const stepAt = (n: number): Step => {
  const digit = n % 10
  if (digit === 0) return { verb: 'recordMany', of: n }
  if (n < BACK || digit < 7) return { verb: 'record', of: n }
  return { verb: digit === 7 ? 'delete' : digit === 8 ? 'archive' : 'update', of: n - BACK }
}

/** The id of record `index` of step n. */
export const idOf = (n: number, index = 0): string =>
  `00000000-0000-7000-8000-${(n * 32 + index).toString(16).padStart(12, '0')}`

export const contentOf = (n: number, index = 0): string => `step ${n}, record ${index}`

const experience = (n: number, index = 0): ExperienceInput => ({
  id: idOf(n, index),
  content: contentOf(n, index),
  embedding: Float32Array.from({ length: DIMENSION }, (_, at) => Math.sin(n * 7 + index + at) + 1.5),
})

/** Does step n; doing it again does nothing. */
export const perform = async (hive: CollectiveHandle, n: number): Promise<void> => {
  const step = stepAt(n)
  const options = { idempotencyKey: `step-${n}` }
  const id = idOf(step.of)
  switch (step.verb) {
    case 'record':
      await hive.record(experience(n), options)
      return
    case 'recordMany':
      await hive.recordMany(
        Array.from({ length: MANY }, (_, index) => experience(n, index)),
        options,
      )
      return
    case 'update':
      await hive.update(id, { importance: 1 }, options)
      return
    case 'archive':
      await hive.archive(id, options)
      return
    case 'delete':
      await hive.delete(id, options)
  }
}
