import { silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { openEmbeddedEngine } from '../../folder/embedded-engine.ts'
import type { CallOperation } from './memory-store.ts'

/** Operations over a folder, as this process has them. */
export const openFolderCall = async (
  path: string,
): Promise<{ readonly call: CallOperation; readonly close: () => Promise<void> }> => {
  const ports = { clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds }
  const engine = await openEmbeddedEngine({ path, acceptLoss: false, logger: silentLogger, ...ports })
  return {
    call: (operation, body) => engine.execute(DEFAULT_TENANT, operation, body),
    close: () => engine.close(),
  }
}
