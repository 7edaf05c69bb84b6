/**
 * The answers of all shards to one question, and the one answer that they make (DESIGN K6).
 *
 * M1  All shards or none: one that refuses, or does not answer, makes that the answer, never a shorter list.
 * M2  The merged answer carries the tokens of all shards.
 * M3  A name that several collectives carry is ambiguous wherever they live.
 * M4  Answers that cannot fit into one reply are refused as soon as that is known, instead of being collected.
 */
import { isFault, type Fault } from '@waggle/kernel'
import { decodeReply, decodeTokens, encodeTokens, fault, isMap, type Collective } from '@waggle/protocol'

export type Question = 'collective.get' | 'collective.list' | 'tenant.usage'
export type MergedResult = Readonly<Record<string, unknown>>
export type GatheringOutcome = { readonly result: MergedResult } | { readonly fault: Fault }

type Answer = { readonly result: MergedResult } | { readonly ambiguous: Fault }

/** Room that the frames of the answers take beside what is merged: at most 128 of them, of 100 bytes each. */
const FRAMES_BYTES = 16_384

export class Gathering {
  readonly #question: Question
  readonly #shards: number
  readonly #bytesMax: number
  readonly #answers = new Map<number, Answer>()
  #bytes = 0

  constructor(question: Question, shards: number, bytesMax: number) {
    this.#question = question
    this.#shards = shards
    this.#bytesMax = bytesMax
  }

  /** Bytes of the answers so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** The outcome, once there is one; a shard's second answer changes nothing. */
  add(shard: number, bytes: Uint8Array): GatheringOutcome | undefined {
    if (this.#answers.has(shard)) return undefined
    this.#bytes += bytes.length
    const limit = this.#bytesMax
    // M4.
    if (this.#bytes > limit + FRAMES_BYTES)
      return { fault: fault('RESULT_TOO_LARGE', `result is too large limit=${limit}`, { limit }) }
    try {
      this.#answers.set(shard, answerOf(bytes))
      if (this.#answers.size < this.#shards) return undefined
      return { result: merges[this.#question](this.#inOrder()) }
    } catch (error) {
      // M1.
      if (isFault(error)) return { fault: error }
      throw error
    }
  }

  #inOrder(): readonly Answer[] {
    return [...this.#answers.entries()].sort(([left], [right]) => left - right).map(([, answer]) => answer)
  }
}

const answerOf = (bytes: Uint8Array): Answer => {
  try {
    return { result: decodeReply(bytes) }
  } catch (error) {
    if (isFault(error) && error.code === 'AMBIGUOUS_NAME') return { ambiguous: error }
    throw error
  }
}

const merges: Readonly<Record<Question, (answers: readonly Answer[]) => MergedResult>> = {
  'collective.get'(answers) {
    const collectives = answers.flatMap((answer) => collectivesIn(answer, ({ collective }) => [collective]))
    const ambiguous = answers.flatMap((answer) => ('ambiguous' in answer ? [answer.ambiguous] : []))
    if (ambiguous.length > 0 || collectives.length > 1) throw ambiguousName(collectives, ambiguous)
    const [collective] = collectives
    return { ...(collective === undefined ? {} : { collective }), ...tokenOf(answers) }
  },

  /** Oldest first, ties by id: as one shard alone sorts them. */
  'collective.list'(answers) {
    const items = answers.flatMap((answer) =>
      collectivesIn(answer, (result) => (Array.isArray(result.items) ? result.items : [])),
    )
    items.sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1))
    return { items, ...tokenOf(answers) }
  },

  'tenant.usage'(answers) {
    const usages = answers.flatMap((answer) =>
      'result' in answer && isMap(answer.result.usage) ? [answer.result.usage] : [],
    )
    const usage: Record<string, number> = {}
    for (const each of usages)
      for (const [name, count] of Object.entries(each)) usage[name] = (usage[name] ?? 0) + Number(count)
    return { usage, ...tokenOf(answers) }
  },
}

const collectivesIn = (answer: Answer, select: (result: MergedResult) => readonly unknown[]): Collective[] =>
  'result' in answer
    ? select(answer.result).flatMap((found) => (isMap(found) ? [found as unknown as Collective] : []))
    : []

const IDS_SHOWN_MAX = 10

/** M3: as the engine says it of one shard. */
const ambiguousName = (collectives: readonly Collective[], ambiguous: readonly Fault[]): Fault => {
  const counts = ambiguous.map(({ details }) => (typeof details.count === 'number' ? details.count : 2))
  const count = counts.reduce((sum, more) => sum + more, collectives.length)
  const ids = ambiguous.flatMap(({ details }) => (Array.isArray(details.ids) ? details.ids.map(String) : []))
  ids.push(...collectives.map(({ id }) => id))
  return fault('AMBIGUOUS_NAME', `several collectives carry that name count=${count}`, {
    field: 'name',
    count,
    ids: ids.sort().slice(0, IDS_SHOWN_MAX),
  })
}

/** M2. */
const tokenOf = (answers: readonly Answer[]): { readonly token?: string } => {
  const texts = answers.flatMap((answer) => ('result' in answer ? [answer.result.token] : []))
  const tokens = texts.flatMap((text) => (typeof text === 'string' ? decodeTokens(text) : []))
  return tokens.length === 0 ? {} : { token: encodeTokens(tokens) }
}
