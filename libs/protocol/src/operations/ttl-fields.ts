/** How long a record is to be seen: milliseconds from the time of the write's own record in the log. */
import { TIME_MS_MAX } from '../limits.ts'
import { optional, orNull } from '../schema/decoder.ts'
import { integer } from '../schema/values.ts'

const lifetime = integer({ min: 1, max: TIME_MS_MAX })

/** Absent: for ever. */
export const ttlMs = optional(lifetime)

/** Absent: as it was; `null`: for ever from now on. */
export const changedTtlMs = orNull(lifetime)
