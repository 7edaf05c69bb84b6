/** Looks at everything that a store holds, in the ways there are. */
import type { Experience } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { inWindows } from '../write-modes.ts'
import type { Sighting } from './judge.ts'
import { collectiveOf, numberOf, plannedRecord } from './plan.ts'

const PAGE_ITEMS = 1_000
/** Enough to see a double beside its twin. */
const NEAREST = 3

/** The ids that the lists of all records show, by number of the record. */
export const listAll = async (hives: readonly CollectiveHandle[]): Promise<ReadonlyMap<number, readonly string[]>> => {
  const listed = new Map<number, string[]>()
  for (const hive of hives)
    for await (const { id, content } of everyRecord(hive)) {
      const number = numberOf(content)
      listed.set(number, [...(listed.get(number) ?? []), id])
    }
  return listed
}

async function* everyRecord(hive: CollectiveHandle): AsyncGenerator<Experience> {
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: PAGE_ITEMS, cursor })
    yield* page.items
    cursor = page.cursor
  } while (cursor !== undefined)
}

/** Reads every id, and compares what it gives with the record of that number as it was planned. */
export const readAll = async (
  hives: readonly CollectiveHandle[],
  seed: number,
  ids: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<number, Sighting['byId']>> => {
  const seen = new Map<number, Sighting['byId']>()
  for (const [index, hive] of hives.entries()) {
    const own = [...ids].filter(([number]) => collectiveOf(number) === index)
    for (const window of inWindows(own, PAGE_ITEMS)) {
      const asked = window.map(([, id]) => id)
      const experiences = await hive.getMany(asked, { include: ['embedding'] })
      window.forEach(([number], place) => {
        const experience = experiences[place]
        if (experience === undefined) seen.set(number, 'absent')
        else seen.set(number, isPlanned(experience, seed, number) ? 'whole' : 'damaged')
      })
    }
  }
  return seen
}

/** How often a search for its own vector shows a record. */
export const searchFor = async (hive: CollectiveHandle, seed: number, number: number): Promise<number> => {
  const { embedding } = plannedRecord(seed, number).input
  const { results } = await hive.search({ embedding, k: NEAREST })
  return results.filter(({ experience }) => numberOf(experience.content) === number).length
}

const isPlanned = (experience: Experience, seed: number, number: number): boolean => {
  const { embedding, ttlMs: _, ...fields } = plannedRecord(seed, number).input
  const names = Object.keys(fields) as (keyof typeof fields)[]
  const vector = experience.embedding
  return (
    names.every((name) => JSON.stringify(experience[name]) === JSON.stringify(fields[name])) &&
    vector !== undefined &&
    vector.length === embedding?.length &&
    vector.every((component, index) => component === embedding[index])
  )
}
