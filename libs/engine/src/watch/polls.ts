/** The reads that may wait for what has not happened yet: what each follows, and what it takes for an answer. */
import type { JournalName, PollName, RequestOf, ResultOf } from '@waggle/protocol'
import { keyJournal } from '../batch-store/feed/key-batches.ts'
import { nextFrames } from '../batch-store/feed/subscribe.ts'
import type { KeyJournalRow } from '../batch-store/key-journal.ts'
import type { JournalRow } from '../memory/journal.ts'
import type { QueryContext } from '../query/querier.ts'
import type { Scope } from '../state/keyspace.ts'
import { nextChanges } from './changes.ts'
import { memoryJournal, SharedRows } from './journal-rows.ts'
import { watchedScope } from './places.ts'

/** What watchers of one engine read together. */
export class SharedJournals {
  readonly memory = new SharedRows<JournalRow>(memoryJournal)
  readonly keys = new SharedRows<KeyJournalRow>(keyJournal)
}

export interface Poll<Name extends PollName> {
  readonly journal: JournalName
  readonly scope: (request: RequestOf<Name>, context: QueryContext) => Scope
  readonly read: (request: RequestOf<Name>, context: QueryContext, journals: SharedJournals) => Promise<ResultOf<Name>>
  readonly isAnswer: (reply: ResultOf<Name>) => boolean
  readonly goOn: (request: RequestOf<Name>, next: string) => RequestOf<Name>
}

export const polls: { readonly [Name in PollName]: Poll<Name> } = {
  'watch.next': {
    journal: 'memory',
    scope: watchedScope,
    read: (request, context, { memory }) => nextChanges(request, context, memory.read),
    isAnswer: ({ changes, more, lost }) => changes.length > 0 || more === true || lost === true,
    goOn: (request, from) => ({ ...request, from }),
  },
  'keys.subscribe': {
    journal: 'keys',
    scope: watchedScope,
    read: (request, context, { keys }) => nextFrames(request, context, keys.read),
    isAnswer: ({ frames, more, lost }) => frames.length > 0 || more === true || lost === true,
    goOn: ({ since: _, ...request }, from) => ({ ...request, from }),
  },
}
