/**
 * Reads of the journal of keys.
 *
 * Q1  A batch is answered as it was written, whole or what of it passes; a sequence that is no batch of this store as
 *     an empty one; one that is pruned, or has not been yet, as missing.
 * Q2  A reply that has no room for all of a batch says with which of its items, entries and then deleted keys, the next
 *     one begins. A value that is too large for a reply is asked for by the number of its entry, in pieces.
 */
import { invalidField, limits, requiredField, type RequestOf, type ResultOf, type Sequence } from '@waggle/protocol'
import { knownCollective } from '../../memory/collective/collective-commands.ts'
import type { Queries, QueryContext } from '../../query/querier.ts'
import type { Scope } from '../../state/keyspace.ts'
import { oldestBatch } from '../key-position.ts'
import { pieceOf } from '../key-queries.ts'
import { PageRoom } from '../page-room.ts'
import { isPruned } from '../prune/pruned-batches.ts'
import { reachedSequence } from '../reached.ts'
import { EntryMatcher } from '../selectors.ts'
import { Work } from '../work.ts'
import { readBatch, type KeyBatch } from './key-batches.ts'
import { passingItems } from './passing-items.ts'
import { nextFrames } from './subscribe.ts'

type BatchRequest = RequestOf<'keys.batch'>
type BatchReply = ResultOf<'keys.batch'>

export const feedQueries: Pick<Queries, 'keys.subscribe' | 'keys.batch'> = {
  /** What is there: waiting for it is `watch/long-poll.ts`. */
  'keys.subscribe': (request, context) => nextFrames(request, context),

  async 'keys.batch'(request, context) {
    const { reading, tenant, regexes } = context
    const matcher = new EntryMatcher(request, regexes)
    const sequence = reachedSequence(reading, request.minSequence)
    const { scope } = knownCollective(reading.state, tenant, request.collective)
    const missing = missingBatch(request, scope, context)
    if (missing !== undefined) {
      const oldest = await oldestBatch(reading.state, scope)
      return { missing, sequence, ...(oldest === undefined ? {} : { oldest }) }
    }
    const batch = await readBatch(reading.state, scope, request.sequence as Sequence)
    if (request.entry !== undefined) return { piece: pieceOfEntry(batch, request.entry, request.offset), sequence }
    if (request.offset !== undefined) throw requiredField('entry')
    return { ...(await contents(batch, request.from, matcher, context)), sequence }
  },
}

/** Q1. */
const missingBatch = ({ sequence }: BatchRequest, scope: Scope, { reading }: QueryContext): BatchReply['missing'] => {
  if (sequence > reading.sequence) return 'notYet'
  // Exoware's answer for 0, which no batch has.
  return sequence === 0 || isPruned(reading.state, scope, sequence) ? 'pruned' : undefined
}

/** Q2. @throws Fault `INVALID_FIELD` */
const pieceOfEntry = (batch: KeyBatch | undefined, entry: number, offset = 0): Uint8Array => {
  const count = batch?.entryCount ?? 0
  if (entry >= count) throw invalidField('entry', `less than ${count}, the entries of the batch`, { limit: count })
  return pieceOf(batch?.items[entry]?.[1] ?? new Uint8Array(), offset)
}

/** Q2. */
const contents = async (
  batch: KeyBatch | undefined,
  from: number,
  matcher: EntryMatcher,
  { timers }: QueryContext,
): Promise<Omit<BatchReply, 'sequence'>> => {
  const count = batch?.items.length ?? 0
  if (from > count) throw invalidField('from', `at most ${count}, the items of the batch`, { limit: count })
  if (batch === undefined) return { entries: [], deleted: [] }
  const judging = { matcher, work: new Work(timers), room: new PageRoom(limits.KEYS_PER_BATCH_MAX) }
  const { entries, deleted, next } = await passingItems(batch, from, judging)
  return { entries, deleted, ...(next < count ? { next } : {}) }
}
