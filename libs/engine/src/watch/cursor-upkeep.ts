/** Gives up registered cursors that nobody saves any more, collective by collective, and tells operators. */
import type { Logger } from '@waggle/kernel'
import { journalNames } from '@waggle/protocol'
import type { Answer, OwnCommand } from '../commit/submission.ts'
import { JOURNAL_STORE, type Scope } from '../state/keyspace.ts'
import type { StateView } from '../state/overlay.ts'
import type { AbandonCommands } from './cursor-commands.ts'
import { isAbandoned, readCursors } from './cursor-rows.ts'

export interface CursorUpkeepParts {
  readonly store: StateView
  readonly logger: Logger
  /** Time of the newest record. */
  readonly timeMs: () => number
  readonly submit: (command: OwnCommand) => Promise<Answer>
}

/** A collective without such cursors costs two reads and no record. @throws Fault that a step was answered with */
export const abandonCursorsOf = async (parts: CursorUpkeepParts, scope: Scope): Promise<void> => {
  const { store, logger, timeMs, submit } = parts
  for (const journal of journalNames) {
    const isDue = readCursors(store, scope, JOURNAL_STORE[journal]).some((cursor) => isAbandoned(cursor, timeMs()))
    if (!isDue) continue
    const fields: AbandonCommands['maintenance.abandonCursors'] = { scope, journal }
    const { result } = await submit({ name: 'maintenance.abandonCursors', tenant: scope.tenant, fields })
    const { names } = result as { readonly names: readonly string[] }
    const { tenant, incarnation } = scope
    if (names.length > 0)
      logger.warn('cursors that nobody saves any more are given up: what they held may go', {
        ...{ tenant, collective: `${incarnation.sequence}:${incarnation.index}`, journal, names },
      })
  }
}
