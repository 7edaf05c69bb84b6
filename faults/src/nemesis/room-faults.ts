/** Logs that are full: the servers refuse what goes beyond a limit that was moved to where the logs are. */
import type { FaultKind } from './fault-kind.ts'

/** What a log may still grow, bytes: room for what leaders write on their own account, and none for clients. */
const ROOM_BYTES = 64_000

export const roomFaults: readonly FaultKind[] = [
  {
    name: 'full-logs',
    holdMs: [4_000, 6_000],
    isShort: true,
    async begin({ surroundings }) {
      const logs = await surroundings.logs()
      for (const { config, bytes } of logs) await surroundings.changeLog({ ...config, max_bytes: bytes + ROOM_BYTES })
      return {
        target: logs.map(({ config }) => config.name).join(' '),
        async heal() {
          for (const { config } of logs) await surroundings.changeLog(config)
        },
      }
    },
  },
]
