/** A lane that reads what others wrote, with their tokens, without, and strongly. */
import { pause, systemTimers } from '@waggle/kernel'
import type { CollectiveHandle } from '@waggle/sdk'
import type { Chance } from '../chance.ts'
import type { Consistency, Result } from '../history/entry.ts'
import type { Board, Posted } from './board.ts'
import { embeddingOf } from './embedding.ts'
import type { Lane } from './lane.ts'

export interface ReaderParts {
  readonly lane: Lane
  readonly board: Board
  readonly chance: Chance
  readonly isOver: () => boolean
}

const PAUSE_MS_MIN = 10
const PAUSE_MS_MAX = 60
const KEYS = Array.from({ length: 24 }, (_, index) => `key-${index}`)

interface ReadOptions {
  readonly consistency: Consistency
  readonly token?: string
}

export const readOnAndOn = async ({ lane, board, chance, isOver }: ReaderParts): Promise<void> => {
  while (!isOver()) {
    const posted = chance.fraction() < 0.5 ? board.lasting.at(-1) : chance.pick(board.lasting)
    const consistency = chance.pick<Consistency>(['any', 'token', 'token', 'strong']) ?? 'token'
    const token = consistency === 'token' ? posted?.token : undefined
    const options = { consistency, ...(token === undefined ? {} : { token }) }
    const draw = chance.fraction()
    if (draw < 0.4) await readValues(lane, options)
    else if (draw < 0.5 || posted === undefined)
      await lane.do({
        ...{ name: 'count', args: {}, ...options },
        call: async (hive) => ({ count: (await hive.stats(options)).experienceCount }),
      })
    else if (draw < 0.65) await search(lane, posted, options)
    else await get(lane, posted, options)
    await pause(systemTimers, chance.between(PAUSE_MS_MIN, PAUSE_MS_MAX))
  }
}

const readValues = (lane: Lane, options: ReadOptions) =>
  lane.do({
    ...{ name: 'values', args: { keys: KEYS }, ...options },
    async call(hive) {
      const found = await hive.keys.getMany(KEYS, options)
      const texts = found.map(([key, value]) => [textOf(key), value === undefined ? null : textOf(value)] as const)
      return { values: Object.fromEntries(texts) }
    },
  })

const search = (lane: Lane, { id, mark }: Posted, options: ReadOptions) =>
  lane.do({
    ...{ name: 'search', args: { id }, ...options },
    async call(hive) {
      const { results } = await hive.search({ embedding: embeddingOf(mark), k: 1 }, options)
      return { nearest: results[0]?.experience.id ?? null }
    },
  })

const get = (lane: Lane, { id }: Posted, options: ReadOptions) =>
  lane.do({
    ...{ name: 'get', args: { id }, ...options },
    call: async (hive) => ({ experience: seen(await hive.get(id, options)) }),
  })

/** All that a collective has, when nobody writes any more. */
export const readEverything = async (lane: Lane): Promise<void> => {
  const options = { consistency: 'strong' as const }
  await lane.do({
    ...{ name: 'everything', args: {}, ...options },
    call: async (hive) => ({ experiences: await everything(hive) }),
  })
  await lane.do({
    ...{ name: 'allKeys', args: {}, ...options },
    async call(hive) {
      const values: Record<string, string> = {}
      for await (const [key, value] of hive.keys.range({}, options)) values[textOf(key)] = textOf(value)
      return { values }
    },
  })
}

const everything = async (hive: CollectiveHandle): Promise<NonNullable<Result['experiences']>> => {
  const experiences: Record<string, ReturnType<typeof seen>> = {}
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const from = cursor === undefined ? {} : { cursor }
    const page = await hive.list({ limit: 1_000, ...from }, { consistency: 'strong' })
    for (const experience of page.items) experiences[experience.id] = seen(experience)
    ;({ cursor } = page)
  }
  return experiences
}

const seen = (experience: { readonly content: string; readonly applications: number } | undefined) =>
  experience === undefined ? null : { content: experience.content, applications: experience.applications }

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString()
