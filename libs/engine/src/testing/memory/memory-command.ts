/** Random writes of one collective's memory, as data: a model and a store do the same with them. */

/** What a caller is told, as one text: the result, or the code of the refusal. */
export type Told = string

export type SingleCommand =
  | {
      readonly operation: 'experience.record'
      readonly id: string
      readonly content: string
      readonly embedding: number[]
    }
  | { readonly operation: 'experience.update'; readonly id: string; readonly patch: { readonly importance: number } }
  | {
      readonly operation:
        | 'experience.archive'
        | 'experience.unarchive'
        | 'experience.reinforce'
        | 'experience.delete'
        | 'relation.delete'
        | 'insight.delete'
      readonly id: string
    }
  | {
      readonly operation: 'relation.create'
      readonly id: string
      readonly source: string
      readonly target: string
      readonly type: string
    }
  | {
      readonly operation: 'insight.store'
      readonly id: string
      readonly content: string
      readonly embedding: number[]
      readonly type: string
      readonly sources: readonly string[]
    }

export type MemoryCommand =
  | SingleCommand
  | { readonly operation: 'activity.register'; readonly agent: string; readonly task: string }
  | { readonly operation: 'activity.heartbeat' | 'activity.end'; readonly agent: string }
  | { readonly operation: 'batch.commit'; readonly commands: readonly SingleCommand[] }

/** Few ids, so that commands meet. */
const EXPERIENCES = 8
const RELATIONS = 12
const INSIGHTS = 5
const AGENTS = 3

export const MEMORY_DIMENSION = 3

/** Numbers from 0 up to but not including `below`. */
export type Chance = (below: number) => number

const idOf = (table: number, n: number): string =>
  `00000000-0000-4000-8000-${(table * 256 + n).toString(16).padStart(12, '0')}`

const experience = (chance: Chance): string => idOf(1, chance(EXPERIENCES))
const relation = (chance: Chance): string => idOf(2, chance(RELATIONS))
const insight = (chance: Chance): string => idOf(3, chance(INSIGHTS))

const vector = (chance: Chance): number[] => [1 + chance(5), chance(5), chance(5)]

const singles: readonly ((chance: Chance) => SingleCommand)[] = [
  ...repeat(6, (chance) => ({
    operation: 'experience.record' as const,
    ...{ id: experience(chance), content: `content ${chance(9)}`, embedding: vector(chance) },
  })),
  (chance) => ({
    operation: 'experience.update',
    ...{ id: experience(chance), patch: { importance: chance(5) / 4 } },
  }),
  (chance) => ({ operation: 'experience.archive', id: experience(chance) }),
  (chance) => ({ operation: 'experience.unarchive', id: experience(chance) }),
  (chance) => ({ operation: 'experience.reinforce', id: experience(chance) }),
  ...repeat(2, (chance) => ({ operation: 'experience.delete' as const, id: experience(chance) })),
  ...repeat(6, (chance) => ({
    operation: 'relation.create' as const,
    ...{ id: relation(chance), source: experience(chance), target: experience(chance) },
    type: ['supports', 'implies'][chance(2)] as string,
  })),
  (chance) => ({ operation: 'relation.delete', id: relation(chance) }),
  ...repeat(3, (chance) => ({
    operation: 'insight.store' as const,
    ...{ id: insight(chance), content: 'insight', embedding: vector(chance), type: 'pattern' },
    sources: Array.from({ length: 1 + chance(3) }, () => experience(chance)),
  })),
  (chance) => ({ operation: 'insight.delete', id: insight(chance) }),
]

const others: readonly ((chance: Chance) => MemoryCommand)[] = [
  (chance) => ({ operation: 'activity.register', agent: `agent ${chance(AGENTS)}`, task: `task ${chance(3)}` }),
  (chance) => ({ operation: 'activity.heartbeat', agent: `agent ${chance(AGENTS)}` }),
  (chance) => ({ operation: 'activity.end', agent: `agent ${chance(AGENTS)}` }),
  ...repeat(3, (chance) => ({
    operation: 'batch.commit' as const,
    commands: Array.from({ length: 1 + chance(4) }, () => pick(singles, chance)(chance)),
  })),
]

export const randomCommand = (chance: Chance): MemoryCommand =>
  pick<(chance: Chance) => MemoryCommand>([...singles, ...others], chance)(chance)

function repeat<Made>(count: number, make: (chance: Chance) => Made): ((chance: Chance) => Made)[] {
  return Array.from({ length: count }, () => make)
}

const pick = <Item>(items: readonly Item[], chance: Chance): Item => items[chance(items.length)] as Item
