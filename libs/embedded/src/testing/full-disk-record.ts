import type { ExperienceInput, WriteOptions } from '@waggle/sdk'

/** The nth record of the test of a full disk, and the key under which it is sent. */
export const fullDiskRecord = (n: number): [ExperienceInput, WriteOptions] => [
  { content: `${n} `.padEnd(50_000, '.'), embedding: [1, n] },
  { idempotencyKey: `record ${n}` },
]
