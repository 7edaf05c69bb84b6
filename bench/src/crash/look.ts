/** Looks at everything that a store holds, in the ways there are. */
import type { Experience } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { inWindows } from '../write-modes.ts'
import type { Sighting } from './judge.ts'
import { numberOf, plannedRecord } from './plan.ts'

const PAGE_ITEMS = 1_000
/** Enough to see a double beside its twin. */
const NEAREST = 3

/** The ids that the list of all records shows, by number of the record. */
export const listAll = async (hive: CollectiveHandle): Promise<ReadonlyMap<number, readonly string[]>> => {
  const listed = new Map<number, string[]>()
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: PAGE_ITEMS, cursor })
    for (const { id, content } of page.items) {
      const number = numberOf(content)
      listed.set(number, [...(listed.get(number) ?? []), id])
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  return listed
}

/** Reads every id, and compares what it gives with the record of that number as it was planned. */
export const readAll = async (
  hive: CollectiveHandle,
  seed: number,
  ids: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<number, Sighting['byId']>> => {
  const seen = new Map<number, Sighting['byId']>()
  for (const window of inWindows([...ids], PAGE_ITEMS)) {
    const experiences = await hive.getMany(
      window.map(([, id]) => id),
      { include: ['embedding'] },
    )
    window.forEach(([number], index) => {
      const experience = experiences[index]
      if (experience === undefined) seen.set(number, 'absent')
      else seen.set(number, isPlanned(experience, seed, number) ? 'whole' : 'damaged')
    })
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
  const { embedding, ...fields } = plannedRecord(seed, number).input
  const names = Object.keys(fields) as (keyof typeof fields)[]
  const vector = experience.embedding
  return (
    names.every((name) => JSON.stringify(experience[name]) === JSON.stringify(fields[name])) &&
    vector !== undefined &&
    vector.length === embedding?.length &&
    vector.every((component, index) => component === embedding[index])
  )
}
