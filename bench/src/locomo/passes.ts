/** Every question asked, of the store and of the reference: do they answer the same? */
import type { Experience } from '@waggle/protocol'
import type { FilterInput } from '@waggle/sdk'
import { isHeadline } from './conversation.ts'
import { K, type Shelf } from './opened.ts'
import type { Answered } from './recall.ts'

export interface PassFigures {
  readonly questions: number
  /** Questions whose two lists of ids are not equal. */
  readonly differing: number
  /** Questions that had fewer matches than were asked for. */
  readonly short: number
}

export interface PassOutcome {
  readonly figures: PassFigures
  /** What the store and the reference found of the headline questions' evidence. */
  readonly store: readonly Answered[]
  readonly reference: readonly Answered[]
}

/** A filter for the store, and the same as a condition on turns by number. */
export interface Restriction {
  readonly filter: FilterInput
  readonly accept: (row: number) => boolean
}

export type RestrictionOf = (question: number) => Restriction

export const unrestricted: RestrictionOf = () => ({ filter: {}, accept: () => true })

/** Asks every question of one conversation. */
export const askAll = async (shelf: Shelf, restrictionOf: RestrictionOf): Promise<PassOutcome> => {
  const { conversation, hive, exact, ids } = shelf
  const turnOf = new Map(ids.map((id, row) => [id, conversation.turns[row]?.id as string]))
  const store: Answered[] = []
  const reference: Answered[] = []
  let differing = 0
  let short = 0
  for (const [number, question] of conversation.questions.entries()) {
    const { filter, accept } = restrictionOf(number)
    const { results } = await hive.search({ embedding: question.embedding, k: K, filter })
    const expected = exact.nearest(question.embedding, K, accept)
    const got = results.map(({ experience }) => experience.id)
    if (got.join() !== expected.join()) differing += 1
    if (expected.length < K) short += 1
    if (!isHeadline(question)) continue
    const { evidence } = question
    store.push({ evidence, found: results.map(({ experience }) => storedTurn(experience)) })
    reference.push({ evidence, found: expected.map((id) => turnOf.get(id) as string) })
  }
  return { figures: { questions: conversation.questions.length, differing, short }, store, reference }
}

/** The turn's id as the store gives it back: the import put it there. */
export const storedTurn = ({ relatedFiles }: Experience): string => relatedFiles[0] ?? ''

/** The questions take turns: only what the first speaker said, only the second's … */
export const bySpeaker = ({ conversation: { turns } }: Shelf): RestrictionOf => {
  const speakers = [...new Set(turns.map(({ speaker }) => speaker))].sort()
  return (question) => {
    const agent = speakers[question % speakers.length] as string
    return { filter: { agents: [agent] }, accept: (row) => turns[row]?.speaker === agent }
  }
}

/** One speaker, and of his turns those recorded in the middle half of the time, both ends included. */
export const bySpeakerAndTime = async (shelf: Shelf): Promise<RestrictionOf> => {
  const times = await recordingTimes(shelf)
  const sorted = [...times].sort((left, right) => left - right)
  const since = sorted[Math.floor(sorted.length / 4)] as number
  const until = sorted[Math.floor((3 * sorted.length) / 4)] as number
  const ofSpeaker = bySpeaker(shelf)
  return (question) => {
    const { filter, accept } = ofSpeaker(question)
    const isWithin = (row: number): boolean => (times[row] as number) >= since && (times[row] as number) <= until
    return { filter: { ...filter, since, until }, accept: (row) => accept(row) && isWithin(row) }
  }
}

/** When each turn was recorded, from the list of all records, which must hold each exactly once. */
const recordingTimes = async ({ hive, ids }: Shelf): Promise<readonly number[]> => {
  const times = new Map<string, number>()
  let listed = 0
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: 1_000, cursor })
    for (const { id, createdAt } of page.items) times.set(id, createdAt)
    listed += page.items.length
    cursor = page.cursor
  } while (cursor !== undefined)
  if (listed !== ids.length || times.size !== ids.length)
    throw new Error(`${listed} records are listed where ${ids.length} were written`)
  return ids.map((id) => times.get(id) ?? Number.NaN)
}
