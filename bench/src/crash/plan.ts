/**
 * What a crashing writer writes. The plan follows from the seed alone, so whoever judges what is left knows every
 * record that can have been written, and can repeat those that were never acknowledged.
 */
import { seededRandom } from '../seeded-random.ts'
import { widthOf, type KeyedInput, type WriteMode } from '../write-modes.ts'

export const DIMENSION = 64

/** Records are spread over so many collectives, or a search for each of them would take most of the time. */
export const COLLECTIVES = 16

/** The most that an operation writes; its records are numbered from this many times its own number on. */
const RECORDS_MAX = 64

/** Records that are written together, in one mode. */
export interface Operation {
  readonly number: number
  readonly mode: WriteMode
  /** Numbers of the records, all of one collective. */
  readonly records: readonly number[]
}

/** Where a round's part of the plan begins. */
export interface PlanStart {
  readonly seed: number
  readonly operation: number
}

/** As many single records as there are groups of 64 of either sort, over a round: so all modes meet the end often. */
const MODES: readonly WriteMode[] = ['one by one', 'one by one', '64 at a time', 'recordMany of 64']

/** The operations from `start` on, without end. */
export function* plan({ seed, operation }: PlanStart): Generator<Operation, never> {
  for (let number = operation; ; number += 1) {
    const mode = MODES[seededRandom(seed, number).below(MODES.length)] as WriteMode
    const records = Array.from({ length: widthOf[mode] }, (_, index) => number * RECORDS_MAX + index)
    yield { number, mode, records }
  }
}

/** Which collective a record is in, 0 … `COLLECTIVES` - 1. */
export const collectiveOf = (record: number): number => Math.floor(record / RECORDS_MAX) % COLLECTIVES

/** A record of the plan: the same whenever it is asked for. */
export const plannedRecord = (seed: number, number: number): KeyedInput => {
  const random = seededRandom(seed, 0, number)
  const length = random.below(400)
  return {
    key: `record ${number}`,
    input: {
      content: `${number} ${'honey '.repeat(Math.ceil(length / 6))}`,
      embedding: random.unitVector(DIMENSION),
      importance: random.below(5) / 4,
      sourceAgent: `agent ${random.below(7)}`,
      sourceTask: `task ${random.below(50)}`,
      relatedFiles: [`src/${number % 100}.ts`],
    },
  }
}

/** The number of the record that has this content. */
export const numberOf = (content: string): number => Number.parseInt(content, 10)
