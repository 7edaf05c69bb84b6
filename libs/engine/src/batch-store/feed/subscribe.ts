/**
 * What batches behind a place did to the keys that a subscriber selects, as one moment of the state has them (Exoware
 * A.7). `watch/long-poll.ts` waits for more; replay and live are one walk over the journal, so nothing comes between.
 *
 * B1  One frame a batch, in the order of their sequences, none twice: the next reply begins where this one says.
 * B2  A frame that is larger than a reply comes in parts, and so does one that takes long to judge: then the reply
 *     ends inside its batch, and says so. What the next reply tells of that batch belongs to the same frame.
 * B3  A reply that has come to the end stands at the end of what is applied, whatever matched: a quiet subscriber's
 *     place does not fall behind what is pruned. It never stands before the place that was asked for.
 * B4  The work of one call is bounded: rows, bytes, and what expressions cost. It says when there is more.
 * B5  From a batch that is pruned nothing is told but that, and where to go on. From one that is not there yet: from
 *     now on, as without a place.
 */
import {
  endOfBatch,
  invalidField,
  limits,
  type Address,
  type KeyFrame,
  type RequestOf,
  type ResultOf,
  type Sequence,
} from '@waggle/protocol'
import { knownCollective } from '../../memory/collective/collective-commands.ts'
import type { QueryContext } from '../../query/querier.ts'
import { laterAddress } from '../../state/address-order.ts'
import { readRowsOf, type ReadRows } from '../../watch/journal-rows.ts'
import { cursorAt, oldestPlace, placeOf, watchedScope, type Journal } from '../../watch/places.ts'
import type { KeyJournalRow } from '../key-journal.ts'
import { oldestBatch } from '../key-position.ts'
import { PageRoom } from '../page-room.ts'
import { isPruned } from '../prune/pruned-batches.ts'
import { EntryMatcher } from '../selectors.ts'
import { Work } from '../work.ts'
import { batchesOf, keyJournal, type KeyBatch } from './key-batches.ts'
import { isSpent, passingItems, type Judging } from './passing-items.ts'

/** B4: as many rows as `watch.next` looks at, and four times what a reply may take. */
const SCANNED_BATCHES_MAX = 10_000
const SCANNED_BYTES_MAX = 4 * limits.PAGE_BYTES_MAX
/** So many entries and keys one reply may carry, however small they are. */
const ITEMS_MAX = limits.KEYS_PER_BATCH_MAX

type Request = RequestOf<'keys.subscribe'>
type Reply = ResultOf<'keys.subscribe'>
type Context = Pick<QueryContext, 'reading' | 'tenant' | 'generation' | 'timers' | 'regexes'>

const READ = readRowsOf(keyJournal)

/** @throws Fault `NOT_FOUND`, `INVALID_CURSOR`, `INVALID_FIELD`, `REQUIRED_FIELD` */
export const nextFrames = async (
  request: Request,
  context: Context,
  read: ReadRows<KeyJournalRow> = READ,
): Promise<Reply> => {
  const { reading, tenant, generation, timers, regexes } = context
  if (request.since !== undefined && request.from !== undefined) throw invalidField('since', 'absent beside from')
  const matcher = new EntryMatcher(request, regexes)
  const { collective } = request
  const journal: Journal = {
    ...{ journal: 'keys', collective, generation },
    ...{ state: reading.state, scope: watchedScope(request, context) },
  }
  const end = endOfBatch(reading.sequence)
  const after = placeAsked(journal, request, end)
  if (after === undefined) return lost(journal, context)
  const page = new FramePage(request, after, { matcher, work: new Work(timers), room: new PageRoom(ITEMS_MAX) })
  for await (const batch of batchesOf(read(reading, journal.scope, after)))
    if (!(await page.add(batch))) return page.reply(journal)
  // Nothing comes any more of a collective that is deleted.
  if (page.isEmpty) knownCollective(reading.state, tenant, collective)
  return page.replyAt(journal, laterAddress(after, end))
}

/** The place behind which the request asks; `undefined` where batches behind it are gone (B5). */
const placeAsked = (journal: Journal, { since, from }: Request, end: Address): Address | undefined => {
  if (from !== undefined) {
    const { address, isLost } = placeOf(journal, from, 'from')
    return isLost ? undefined : address
  }
  if (since === undefined || since === 0 || since > end.sequence) return end
  return isPruned(journal.state, journal.scope, since) ? undefined : endOfBatch((since - 1) as Sequence)
}

/** B5. */
const lost = async (journal: Journal, { reading }: Context): Promise<Reply> => {
  const place = oldestPlace(journal.state, journal.scope, 'keys')
  const oldest = await oldestBatch(reading.state, journal.scope)
  return {
    ...{ frames: [], next: cursorAt(journal, place), sequence: place.sequence, lost: true },
    ...(oldest === undefined ? {} : { oldest }),
  }
}

/** The frames that one reply takes. */
class FramePage {
  readonly #max: number
  readonly #judging: Judging
  readonly #frames: KeyFrame[] = []
  /** Everything up to here was looked at. */
  #last: Address
  #batches = 0
  #bytes = 0
  #isPartial = false

  constructor({ max }: Request, after: Address, judging: Judging) {
    this.#max = max
    this.#judging = judging
    this.#last = after
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0
  }

  /** Takes a batch; false where the reply ends before it or inside it. */
  async add(batch: KeyBatch): Promise<boolean> {
    const { sequence, time, items } = batch
    const isBegun = sequence === this.#last.sequence
    if (this.#isFull) return this.#endBefore(sequence)
    const from = isBegun ? this.#last.index + 1 : 0
    const { entries, deleted, next, isFull } = await passingItems(batch, from, this.#judging)
    const isNothing = entries.length + deleted.length === 0
    // B2: a frame begins in a reply of its own rather than where there is no room for it.
    if (isFull && isNothing && !this.isEmpty) return this.#endBefore(sequence)
    if (!isNothing) this.#frames.push({ sequence, time, entries, deleted })
    this.#batches += 1
    this.#bytes += batch.bytes
    this.#isPartial = next < items.length
    this.#last = this.#isPartial ? { sequence, index: next - 1 } : endOfBatch(sequence)
    return !this.#isPartial
  }

  /** The reply that ends before everything was looked at. */
  reply(journal: Journal): Reply {
    const reply = this.replyAt(journal, this.#last)
    // B2: of the batch that goes on, nothing is told by the sequence.
    return { ...reply, ...(this.#isPartial ? { sequence: reply.sequence - 1, partial: true } : {}), more: true }
  }

  replyAt(journal: Journal, place: Address): Reply {
    return { frames: this.#frames, next: cursorAt(journal, place), sequence: place.sequence }
  }

  /** B4. */
  get #isFull(): boolean {
    return (
      this.#frames.length >= this.#max ||
      this.#batches >= SCANNED_BATCHES_MAX ||
      this.#bytes >= SCANNED_BYTES_MAX ||
      isSpent(this.#judging.work)
    )
  }

  #endBefore(sequence: Sequence): false {
    this.#last = laterAddress(this.#last, endOfBatch((sequence - 1) as Sequence))
    return false
  }
}
