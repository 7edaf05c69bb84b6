/** Made-up records of the size that agents write: 200 bytes of text, a few fields, a vector of 384 components. */
import { seededRandom } from '../seeded-random.ts'
import type { KeyedInput } from '../write-modes.ts'

export const DIMENSION = 384
const TEXT_BYTES = 200
const WORDS =
  'the build failed after a cache was shared between two branches so pin it and retry with clean state'.split(' ')

/** Record `number` of a seed: the same in every process. Its content begins with the number. */
export const syntheticRecord = (seed: number, number: number): KeyedInput => {
  const random = seededRandom(seed, number)
  let content = `${number}`
  while (content.length < TEXT_BYTES) content += ` ${WORDS[random.below(WORDS.length)] ?? ''}`
  return {
    key: `record ${number}`,
    input: {
      content: content.slice(0, TEXT_BYTES),
      embedding: random.unitVector(DIMENSION),
      domain: [`team-${random.below(10)}`],
      sourceAgent: `agent-${random.below(20)}`,
      sourceTask: `task-${random.below(200)}`,
      importance: random.below(5) / 4,
    },
  }
}

/** Its vector alone. */
export const vectorOf = (seed: number, number: number): Float32Array =>
  syntheticRecord(seed, number).input.embedding as Float32Array

export const numberOf = (content: string): number => Number.parseInt(content, 10)

/** Vectors that are asked for; none is a record's. */
export const syntheticQuery = (seed: number, number: number): Float32Array =>
  seededRandom(seed, -1, number).unitVector(DIMENSION)
