import { openStorage as openStorageWith, type OpenStorageOptions, type Storage } from '@waggle/engine'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'

/**
 * Opens PulseDB's storage port over a folder, in this process. An acknowledged write is on the disk. `openWaggle` may
 * open the same folder, though not at once.
 * @throws Fault `DATABASE_LOCKED`, `CORRUPT`, `FORMAT_UNSUPPORTED`, `DIMENSION_MISMATCH`, `NOT_FOUND` when there is
 *   nothing to read, `INVALID_FIELD`, `UNKNOWN_FIELD`
 */
export const openStorage = (options: OpenStorageOptions): Promise<Storage> =>
  openStorageWith(options, {
    ...{ clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds, logger: silentLogger },
  })
