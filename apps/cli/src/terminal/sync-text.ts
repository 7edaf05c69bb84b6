import type { ServerFacts } from '@waggle/protocol'
import { counted } from './layout.ts'

const NANOSECONDS = 1_000_000_000

/** How a server syncs, in words. */
export const syncText = ({ syncAlways, syncInterval }: Pick<ServerFacts, 'syncAlways' | 'syncInterval'>): string => {
  if (syncAlways === true) return 'syncs before it acknowledges'
  if (syncInterval === undefined) return 'does not say when it syncs'
  return `syncs every ${counted(syncInterval / NANOSECONDS, 'second')}`
}
