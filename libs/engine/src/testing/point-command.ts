/** Random writes, filters and searches of points: few ids and values, so that they meet. */
import type { Json, PayloadFilter } from '@waggle/protocol'
import { vectorMetrics } from '@waggle/protocol'
import type { Chance } from './memory/memory-command.ts'
import type { ModelSearch, PointModel } from './point-model.ts'

export type PointCommand =
  | {
      readonly operation: 'vectors.store'
      readonly items: readonly { readonly id: string; readonly vector: readonly number[] }[]
    }
  | {
      readonly operation: 'payloads.store'
      readonly items: readonly { readonly id: string; readonly payload: Json }[]
    }
  | { readonly operation: 'vectors.delete' | 'payloads.delete'; readonly ids: readonly string[] }

export const POINT_DIMENSION = 5

const LARGE = ['9007199254740992', '9007199254740993', '18446744073709551614', '18446744073709551615'] as const
const pick = <Item>(items: readonly Item[], chance: Chance): Item => items[chance(items.length)] as Item
const some = <Made>(most: number, chance: Chance, make: () => Made): Made[] =>
  Array.from({ length: chance(most + 1) }, make)

const id = (chance: Chance): string => (chance(5) === 0 ? pick(LARGE, chance) : String(chance(60)))

/** Quarters, which floats hold exactly; zeros and ones above all, so that there are ties. */
const vector = (chance: Chance): readonly number[] =>
  Array.from({ length: POINT_DIMENSION }, () => (chance(3) === 0 ? chance(9) / 4 - 0.5 : chance(2)))

const scalars: readonly Json[] = [null, true, false, 0, 1, 2, 2.5, '', 'a', 'ab', 'Abc', 'bc', 'é']
const value = (chance: Chance): Json =>
  chance(4) === 0 ? some(3, chance, () => pick(scalars, chance)) : pick(scalars, chance)

const payload = (chance: Chance): Json => {
  const fields: Record<string, Json> = {}
  for (const name of ['a', 'b', 'c']) if (chance(3) > 0) fields[name] = value(chance)
  if (chance(2) === 0) fields.deep = { a: value(chance), at: { lat: chance(90), lng: chance(180) } }
  return chance(10) === 0 ? value(chance) : fields
}

export const pointCommand = (chance: Chance): PointCommand => {
  const kind = chance(10)
  if (kind < 4)
    return { operation: 'vectors.store', items: some(12, chance, () => ({ id: id(chance), vector: vector(chance) })) }
  if (kind < 7)
    return {
      operation: 'payloads.store',
      items: some(12, chance, () => ({ id: id(chance), payload: payload(chance) })),
    }
  return { operation: kind < 9 ? 'vectors.delete' : 'payloads.delete', ids: some(5, chance, () => id(chance)) }
}

const field = (chance: Chance): string => pick(['a', 'b', 'c', 'deep.a', 'deep', 'deep.at', 'none', 'a.b'], chance)
const pattern = (chance: Chance): string => pick(['', '%', '_', 'a%', '%b%', '_b%', 'abc', '%C', 'A__', '%É'], chance)

const simpleFilters: readonly ((chance: Chance) => PayloadFilter)[] = [
  (chance) => ({ type: pick(['eq', 'neq'], chance), field: field(chance), value: value(chance) }),
  (chance) => ({
    type: pick(['gt', 'gte', 'lt', 'lte'], chance),
    field: field(chance),
    value: pick([0, 1, 2, 'a', 'b', ''], chance),
  }),
  (chance) => ({
    type: pick(['in', 'arrayContainsAny', 'arrayContainsAll'], chance),
    field: field(chance),
    values: some(4, chance, () => value(chance)),
  }),
  (chance) => ({ type: pick(['isNull', 'isNotNull'], chance), field: field(chance) }),
  (chance) => ({ type: pick(['like', 'ilike'], chance), field: field(chance), pattern: pattern(chance) }),
  (chance) => ({ type: 'contains', field: field(chance), value: pick(['', 'a', 'b', 'bc'], chance) }),
  (chance) => ({ type: 'arrayContains', field: field(chance), value: value(chance) }),
  (chance) => ({
    ...{ type: 'geoBbox', field: field(chance) },
    ...{ latMin: chance(90), lngMin: chance(180), latMax: chance(90), lngMax: chance(180) },
  }),
]

const filter = (chance: Chance, depth: number): PayloadFilter => {
  if (depth === 0 || chance(2) === 0) return pick(simpleFilters, chance)(chance)
  if (chance(3) === 0) return { type: 'not', condition: filter(chance, depth - 1) }
  return { type: pick(['and', 'or'], chance), conditions: some(3, chance, () => filter(chance, depth - 1)) }
}

export const pointSearch = (chance: Chance): ModelSearch => ({
  ...{ vector: vector(chance), metric: pick(vectorMetrics, chance), k: pick([1, 2, 5, 20, 1_000], chance) },
  ...(chance(4) === 0 ? {} : { filter: filter(chance, 3) }),
})

/** Does to the model what a command does to a store. */
export const applyToModel = ({ vectors, payloads }: PointModel, command: PointCommand): void => {
  if (command.operation === 'vectors.store') for (const { id: at, vector: to } of command.items) vectors.set(at, to)
  else if (command.operation === 'payloads.store')
    for (const { id: at, payload: to } of command.items) payloads.set(at, to)
  else for (const at of command.ids) (command.operation === 'vectors.delete' ? vectors : payloads).delete(at)
}
