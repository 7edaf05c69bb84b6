/**
 * Reductions over a range of keys.
 *
 * R1  Rows are read as they are needed and kept by nobody: the range may be larger than memory (E63).
 * R2  Others have their turn between rows (P11).
 */
import { mayExpire } from '../../expiry/expiry-rows.ts'
import { isExpired } from '../../expiry/is-expired.ts'
import { knownCollective } from '../../memory/collective/collective-commands.ts'
import type { Queries } from '../../query/querier.ts'
import type { KeyRange, StoreReader, StoreRow } from '../../store/key-value-store.ts'
import { Turns } from '../../vector-store/turns.ts'
import { rangeOfRequest } from '../key-range.ts'
import { decodeKeyRow } from '../key-rows.ts'
import { reachedSequence } from '../reached.ts'
import { RangeReduction } from './range-reduction.ts'

const NO_BYTES: Uint8Array = new Uint8Array(0)

export const reduceQueries: Pick<Queries, 'keys.reduce'> = {
  async 'keys.reduce'({ collective, start, end, minSequence, ...params }, { reading, tenant, timers, nowMs }) {
    const { scope } = knownCollective(reading.state, tenant, collective)
    const reduction = new RangeReduction(params)
    const sequence = reachedSequence(reading, minSequence)
    const range = rangeOfRequest(scope, { ...(start && { start }), ...(end && { end }) })
    if (range !== undefined && params.filter?.contradiction !== true) {
      const turns = new Turns(timers)
      const expires = mayExpire(reading.state, scope, 'key')
      const rows = reduction.readsValues || expires ? reading.state.scan(range) : keysAlone(reading.state, range)
      for await (const [key, row] of rows) {
        const stored = row.length === 0 ? undefined : decodeKeyRow(row)
        if (isExpired(stored?.expiresAt, nowMs)) continue
        const value = (reduction.readsValues ? stored?.value : undefined) ?? NO_BYTES
        const turn = turns.spend(reduction.add(range.keyOf(key), value))
        // R2
        if (turn !== undefined) await turn
      }
    }
    return { ...reduction.end(), sequence }
  },
}

async function* keysAlone(state: StoreReader, range: KeyRange): AsyncGenerator<StoreRow> {
  for await (const key of state.scanKeys(range)) yield [key, NO_BYTES]
}
