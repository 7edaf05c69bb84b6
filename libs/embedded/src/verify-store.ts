import { decodeSettings, openEmbeddedEngine } from '@waggle/engine'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'

/** What a store was found to be. */
export interface VerifiedStore {
  /** Of its last record. */
  readonly sequence: number
  /** SHA-256 over every row of its state: two stores of the same history have the same. */
  readonly digest: string
}

/**
 * Opens the store in a folder, which verifies its files and that its run of records has no gap, reads every row against
 * its checksum, and closes it. Nothing is changed.
 * @throws Fault `NOT_FOUND`, `DATABASE_LOCKED`, `CORRUPT`, `FORMAT_UNSUPPORTED`
 */
export const verifyStore = async ({ path }: { readonly path: string }): Promise<VerifiedStore> => {
  const ports = { clock: systemClock, timers: systemTimers, ids: systemIds, random: systemRandom }
  const settings = decodeSettings({})
  const engine = await openEmbeddedEngine({
    path,
    readOnly: true,
    acceptLoss: false,
    settings,
    logger: silentLogger,
    ...ports,
  })
  try {
    return await engine.digest()
  } finally {
    await engine.close()
  }
}
