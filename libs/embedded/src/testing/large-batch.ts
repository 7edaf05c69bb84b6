import type { ExperienceInput } from '@waggle/sdk'

/** Records of a batch of 5.4 MB, which takes six records of the log. */
export const LARGE_BATCH_RECORDS = 60

export const largeBatch = (n: number): readonly ExperienceInput[] =>
  Array.from({ length: LARGE_BATCH_RECORDS }, (_, index) => ({
    content: `${n}/${index} `.padEnd(90_000, 'x'),
    embedding: [n + 1, index],
  }))
