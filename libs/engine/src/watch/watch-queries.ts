/** Reads of the change feed. */
import { limits, type Address, type RegisteredCursorItem } from '@waggle/protocol'
import type { Queries } from '../query/querier.ts'
import { compareAddresses } from '../state/address-order.ts'
import { JOURNAL_STORE, journalKey, journalPrefix, type Scope } from '../state/keyspace.ts'
import type { StoreReader } from '../store/key-value-store.ts'
import { keyBehind, prefixRange } from '../store/prefix-range.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { nextChanges } from './changes.ts'
import { readNamedCursors } from './cursor-rows.ts'
import { cursorAt, oldestPlace } from './places.ts'

export const watchQueries: Pick<Queries, 'watch.next' | 'cursor.list'> = {
  /** What is there: waiting for it is `long-poll.ts`. */
  'watch.next': (request, context) => nextChanges(request, context),

  /** By name. */
  async 'cursor.list'({ collective }, { reading: { state }, tenant, generation }) {
    const { scope } = knownCollective(state, tenant, collective)
    const items: RegisteredCursorItem[] = []
    for (const { journal, name, address, savedAt, keepMs, droppedAt } of readNamedCursors(state, scope)) {
      const isLost = compareAddresses(address, oldestPlace(state, scope, journal)) < 0
      items.push({
        ...{ name, journal, savedAt, keepMs },
        cursor: cursorAt({ journal, scope, collective, generation }, address),
        unseen: await countBehind(state, scope, { store: JOURNAL_STORE[journal], address }),
        ...(droppedAt === undefined ? { dropsAt: savedAt + keepMs } : { droppedAt }),
        ...(isLost ? { lost: true as const } : {}),
      })
    }
    return { items }
  },
}

interface JournalPlace {
  readonly store: number
  readonly address: Address
}

/** Rows of a journal behind a place, `CURSOR_UNSEEN_MAX` at the most. */
const countBehind = async (state: StoreReader, scope: Scope, { store, address }: JournalPlace): Promise<number> => {
  const { lt } = prefixRange(journalPrefix(scope, store))
  const range = { gte: keyBehind(journalKey(scope, store, address)), lt, limit: limits.CURSOR_UNSEEN_MAX }
  let rows = 0
  for await (const _ of state.scanKeys(range)) rows += 1
  return rows
}
