/**
 * The changes after a place of a journal, as one moment of the state has them.
 *
 * C1  They come in their order, every one that matches, none twice: the next reply begins where this one says.
 * C2  A reply ends behind a batch, also where that makes it longer than asked for, so that nobody sees half of one
 *     (DESIGN F4). Only where its bytes would be too many does it end inside, and says so.
 * C3  A reply that has come to the end stands at the end of what is applied, so that a quiet watcher's place does not
 *     fall behind the horizon. It never stands before the place that was asked for: a replica that lags would send
 *     its watcher back.
 * C4  The work of one call is bounded: of a journal in which little matches it looks at a part, and says that there is
 *     more.
 * C5  A deleted collective tells its last changes, its deletion among them, to whoever followed it, until its journal
 *     is swept, a minute later; then it is `NOT_FOUND`. Rows go in their order: while the first is there, all are.
 */
import { endOfBatch, limits, type Address, type Change, type RequestOf, type ResultOf } from '@waggle/protocol'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { shown } from '../memory/experience/experience-queries.ts'
import { liveExperience } from '../memory/experience/experience-rows.ts'
import type { JournalRow } from '../memory/journal.ts'
import { sizeOnWire } from '../memory/pages.ts'
import type { QueryContext } from '../query/querier.ts'
import { laterAddress } from '../state/address-order.ts'
import { matchesChange } from './change-filter.ts'
import { memoryJournal, readRowsOf, type ReadRows } from './journal-rows.ts'
import { cursorAt, FROM_START, oldestPlace, placeOf, watchedScope, type Journal } from './places.ts'

/** C4: some 20 ms. */
export const SCANNED_ROWS_MAX = 10_000

type Request = RequestOf<'watch.next'>
type Reply = ResultOf<'watch.next'>
type Context = Pick<QueryContext, 'reading' | 'tenant' | 'generation' | 'nowMs'>

const READ = readRowsOf(memoryJournal)

/** @throws Fault `NOT_FOUND`, `INVALID_CURSOR` */
export const nextChanges = async (
  request: Request,
  context: Context,
  read: ReadRows<JournalRow> = READ,
): Promise<Reply> => {
  const { state, sequence } = context.reading
  const journal: Journal = {
    ...{ journal: 'memory', state, scope: watchedScope(request, context) },
    ...{ collective: request.collective, generation: context.generation },
  }
  const end = endOfBatch(sequence)
  if (request.from === undefined) return { changes: [], next: cursorAt(journal, end) }
  const { address, isLost, oldest } = placeAsked(journal, request.from)
  if (isLost) return { changes: [], next: cursorAt(journal, oldest), lost: true }
  const page = new Page(journal, request, address, context.nowMs)
  for await (const { address: at, row } of read(context.reading, journal.scope, address))
    if (!page.add(at, row)) return page.reply()
  // C5: nothing comes any more.
  if (page.isEmpty) knownCollective(state, context.tenant, request.collective)
  return page.replyAt(laterAddress(address, end))
}

const placeAsked = (
  journal: Journal,
  from: string,
): Pick<ReturnType<typeof placeOf>, 'address' | 'isLost' | 'oldest'> => {
  if (from !== FROM_START) return placeOf(journal, from, 'from')
  const oldest = oldestPlace(journal.state, journal.scope, 'memory')
  return { address: oldest, isLost: false, oldest }
}

/** The changes that one reply takes. */
class Page {
  readonly #journal: Journal
  readonly #request: Request
  /** An experience that has expired by then is not shown. */
  readonly #atMs: number
  readonly #changes: Change[] = []
  #bytes = 0
  #scanned = 0
  /** The last change that was taken. */
  #taken: Address | undefined
  /** The last row that was looked at and is done with. */
  #last: Address
  #isPartial = false

  constructor(journal: Journal, request: Request, from: Address, atMs: number) {
    this.#atMs = atMs
    this.#journal = journal
    this.#request = request
    this.#last = from
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  /** Takes a row; false where the reply ends before it. */
  add(address: Address, row: JournalRow): boolean {
    const { max, filter = {} } = this.#request
    const isNewBatch = address.sequence !== this.#last.sequence
    // C2, C4.
    const isFull = this.#changes.length >= max || this.#scanned >= SCANNED_ROWS_MAX
    if (isNewBatch && isFull) return this.#endBefore(address)
    if (matchesChange(row, filter)) {
      const change = this.#changeOf(address, row)
      const bytes = sizeOf(change)
      // C2: one that is too large alone goes alone.
      if (this.#changes.length > 0 && this.#bytes + bytes > limits.PAGE_BYTES_MAX) return this.#endBefore(address)
      this.#changes.push(change)
      this.#bytes += bytes
      this.#taken = address
    }
    this.#last = address
    this.#scanned += 1
    return true
  }

  /** The reply that ends before the row that was not taken. */
  reply(): Reply {
    return {
      ...this.replyAt(this.#last),
      ...(this.#isPartial ? { partial: true } : {}),
      more: true,
    }
  }

  replyAt(address: Address): Reply {
    return { changes: this.#changes, next: cursorAt(this.#journal, address) }
  }

  #endBefore({ sequence }: Address): false {
    this.#isPartial = this.#taken?.sequence === sequence
    if (sequence !== this.#last.sequence) this.#last = endOfBatch(this.#last.sequence)
    return false
  }

  #changeOf(address: Address, { kind, entity, id, timeMs: time }: JournalRow): Change {
    const change: Change = { cursor: cursorAt(this.#journal, address), kind, entity, id, time }
    if (entity !== 'experience') return change
    const { state, scope, collective } = this.#journal
    const row = liveExperience(state, scope, id, this.#atMs)
    if (row === undefined) return change
    return { ...change, experience: shown(state, scope, collective, row, this.#request.include.length > 0) }
  }
}

/** What a change takes without its experience, counted generously. */
const CHANGE_BYTES = 256

const sizeOf = ({ experience }: Change): number =>
  CHANGE_BYTES + (experience === undefined ? 0 : sizeOnWire(experience))
