/** Conversations into a store: one collective each, every turn a record that keeps the id which evidence names. */
import type { CollectiveHandle } from '@waggle/sdk'
import { SyncBase } from '../disk.ts'
import { distributionOf, sumOf, type Distribution } from '../statistics.ts'
import { timedRecords, type KeyedInput, type WriteMode } from '../write-modes.ts'
import { turnText, type Conversation, type ConversationSet, type Embedded, type Turn } from './conversation.ts'
import type { Site } from './site.ts'

/** One conversation in a store. */
export interface Imported {
  readonly conversation: Conversation
  readonly collective: string
  /** Ids of the records, in the order of the turns. */
  readonly ids: readonly string[]
}

export interface ImportFigures {
  readonly mode: WriteMode
  readonly recordsPerSecond: number
  /** Of one call, or of so many calls at once. */
  readonly windowMs: Distribution
  readonly syncsPerSecond: number
  /** Records per second over syncs per second. */
  readonly ratio: number
  /** Processor time of all processes, as far as that can be told. */
  readonly cpuUsPerRecord: number
  /** Of this process alone. */
  readonly ownCpuUsPerRecord: number
  readonly closeMs: number
  readonly bytesPerRecord: number
}

/** Imports a set into a new store, one conversation after the other, and closes it. */
export const importSet = async (
  { conversations, dimension }: ConversationSet,
  { site, store, mode }: { readonly site: Site; readonly store: string; readonly mode: WriteMode },
): Promise<{ readonly imported: readonly Imported[]; readonly figures: ImportFigures }> => {
  const bytesBefore = await site.bytes(store)
  const waggle = await site.open(store)
  const base = new SyncBase(site.folder)
  const imported: Imported[] = []
  const windowsMs: number[] = []
  let ownCpuUs = 0
  let othersCpuUs = 0
  for (const conversation of conversations) {
    const { id: name } = conversation
    const hive = await site.create(waggle, store, { name, dimension })
    const othersBeforeUs = site.othersCpuUs()
    const written = await importTurns(hive, conversation, mode)
    othersCpuUs += site.othersCpuUs() - othersBeforeUs
    imported.push({ conversation, collective: hive.id, ids: written.ids })
    windowsMs.push(...written.windowsMs)
    ownCpuUs += written.cpuUs
    base.append(conversation.turns.length)
  }
  const closing = performance.now()
  await waggle.close()
  const closeMs = performance.now() - closing
  base.close()
  const records = sumOf(imported.map(({ ids }) => ids.length))
  const recordsPerSecond = (1_000 * records) / sumOf(windowsMs)
  return {
    imported,
    figures: {
      mode,
      recordsPerSecond,
      windowMs: distributionOf(windowsMs),
      syncsPerSecond: base.perSecond,
      ratio: recordsPerSecond / base.perSecond,
      cpuUsPerRecord: (ownCpuUs + othersCpuUs) / records,
      ownCpuUsPerRecord: ownCpuUs / records,
      closeMs,
      bytesPerRecord: ((await site.bytes(store)) - bytesBefore) / records,
    },
  }
}

const importTurns = async (hive: CollectiveHandle, { id, turns }: Conversation, mode: WriteMode) =>
  timedRecords(
    hive,
    turns.map((turn) => recordOf(id, turn)),
    mode,
  )

const recordOf = (conversation: string, turn: Embedded<Turn>): KeyedInput => ({
  key: `${conversation} ${turn.id}`,
  input: {
    content: turnText(turn),
    embedding: turn.embedding,
    sourceAgent: turn.speaker,
    sourceTask: `session ${turn.session}`,
    relatedFiles: [turn.id],
  },
})
