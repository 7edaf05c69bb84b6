/**
 * Random histories of experiences, relations and insights against plain maps: what is there, what lists and links say,
 * the journal and the counters, and that no row of the store leads to nothing; also after a rebuild from the log.
 */
import { formatUuid, type Uuid } from '@waggle/kernel'
import { decodeMessagePack, relationTypes } from '@waggle/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataPrefix } from '../state/keyspace.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { idOf, refusalOf, TestGraph } from '../testing/test-graph.ts'

/** Few enough that they meet often. */
const EXPERIENCES = 6
const LINKS = 12

type Command =
  | { readonly operation: 'experience.record' | 'experience.delete'; readonly n: number }
  | {
      readonly operation: 'relation.create'
      readonly n: number
      readonly source: number
      readonly target: number
      readonly type: (typeof relationTypes)[number]
    }
  | { readonly operation: 'insight.store'; readonly n: number; readonly sources: readonly number[] }
  | { readonly operation: 'relation.delete' | 'insight.delete'; readonly n: number }

interface InsightModel {
  readonly sources: readonly Uuid[]
  readonly lostSources: readonly Uuid[]
  /** Those of the sources that are still the ones that it was concluded from. */
  readonly kept: ReadonlySet<Uuid>
}

/** Ids of relations and insights lie beside those of experiences. */
const linkId = (n: number): Uuid => idOf(0x1000 + n)

class Model {
  readonly experiences = new Set<Uuid>()
  readonly relations = new Map<Uuid, { source: Uuid; target: Uuid; type: string }>()
  readonly insights = new Map<Uuid, InsightModel>()
  readonly journal: string[] = []

  /** Whether the command is taken. */
  take(command: Command): boolean {
    switch (command.operation) {
      case 'experience.record':
        return this.#create(this.experiences.has(idOf(command.n)), 'experience', idOf(command.n), (id) =>
          this.experiences.add(id),
        )
      case 'experience.delete':
        return this.experiences.has(idOf(command.n)) && this.#deleteExperience(idOf(command.n))
      case 'relation.create': {
        const { type } = command
        const [source, target] = [idOf(command.source), idOf(command.target)]
        const same = [...this.relations.values()].some(
          (other) => other.source === source && other.target === target && other.type === type,
        )
        const isRefused = source === target || ![source, target].every((end) => this.experiences.has(end)) || same
        return this.#create(isRefused || this.relations.has(linkId(command.n)), 'relation', linkId(command.n), (id) =>
          this.relations.set(id, { source, target, type }),
        )
      }
      case 'insight.store': {
        const sources = command.sources.map(idOf)
        const isRefused = sources.length === 0 || sources.some((source) => !this.experiences.has(source))
        return this.#create(isRefused || this.insights.has(linkId(command.n)), 'insight', linkId(command.n), (id) =>
          this.insights.set(id, { sources, lostSources: [], kept: new Set(sources) }),
        )
      }
      case 'relation.delete':
        return this.relations.delete(linkId(command.n)) && this.#tell('relation', 'deleted', linkId(command.n))
      case 'insight.delete':
        return this.insights.delete(linkId(command.n)) && this.#tell('insight', 'deleted', linkId(command.n))
    }
  }

  #create(isRefused: boolean, entity: string, id: Uuid, add: (id: Uuid) => unknown): boolean {
    if (isRefused) return false
    add(id)
    return this.#tell(entity, 'created', id)
  }

  #deleteExperience(id: Uuid): boolean {
    for (const end of ['source', 'target'] as const)
      for (const [relation, row] of this.relations)
        if (row[end] === id) {
          this.relations.delete(relation)
          this.#tell('relation', 'deleted', relation)
        }
    for (const [insight, row] of this.insights)
      if (row.kept.has(id)) {
        const kept = new Set([...row.kept].filter((source) => source !== id))
        this.insights.set(insight, { ...row, kept, lostSources: [...row.lostSources, id] })
        this.#tell('insight', 'updated', insight)
      }
    this.experiences.delete(id)
    return this.#tell('experience', 'deleted', id)
  }

  #tell(entity: string, kind: string, id: Uuid): boolean {
    this.journal.push(`${entity} ${kind} ${id}`)
    return true
  }
}

const fieldsOf = (command: Command): object => {
  switch (command.operation) {
    case 'experience.record':
      return { id: idOf(command.n), content: 'x', embedding: [1, 1] }
    case 'experience.delete':
      return { id: idOf(command.n) }
    case 'relation.create': {
      const { source, target, type } = command
      return { id: linkId(command.n), source: idOf(source), target: idOf(target), type }
    }
    case 'insight.store':
      return {
        ...{ id: linkId(command.n), content: 'y', embedding: [1, 1], type: 'pattern' },
        sources: command.sources.map(idOf),
      }
    default:
      return { id: linkId(command.n) }
  }
}

const experience = fc.nat(EXPERIENCES - 1)
const link = fc.nat(LINKS - 1)
const constant = <const Value extends string>(value: Value) => fc.constant(value)

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ operation: constant('experience.record'), n: experience }) },
  { weight: 3, arbitrary: fc.record({ operation: constant('experience.delete'), n: experience }) },
  {
    weight: 10,
    arbitrary: fc.record({
      operation: constant('relation.create'),
      ...{ n: link, source: experience, target: experience, type: fc.constantFrom(...relationTypes.slice(0, 2)) },
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ operation: constant('insight.store'), n: link, sources: fc.array(experience, { maxLength: 4 }) },
    }),
  },
  { weight: 2, arbitrary: fc.record({ operation: constant('relation.delete'), n: link }) },
  { weight: 1, arbitrary: fc.record({ operation: constant('insight.delete'), n: link }) },
)

/** Commands that are sent in one tick, alone, or as one batch. */
const step = fc.record({ how: fc.constantFrom('together', 'batch'), commands: fc.array(command, { maxLength: 6 }) })

test('T1 T2 N2 P3 P8 a random history leaves what plain maps hold, and no row that leads to nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), async (steps) => {
      const graph = await TestGraph.open()
      const model = new Model()
      for (const { how, commands } of steps)
        if (how === 'together') await sendTogether(graph, model, commands)
        else await sendBatch(graph, model, commands)
      await compare(graph, model)
      const rebuilt = await openTestEngine({ stream: graph.engine.stream })
      expect(await rebuilt.engine.digest()).toEqual(await graph.engine.engine.digest())
      await compare(graph.over(rebuilt), model)
    }),
    { numRuns: 40 },
  )
}, 60_000)

const sendTogether = async (graph: TestGraph, model: Model, commands: readonly Command[]): Promise<void> => {
  const outcomes = await Promise.allSettled(commands.map(async (each) => graph.call(each.operation, fieldsOf(each))))
  expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(commands.map((each) => model.take(each)))
}

/** A batch of which the model refuses something must be refused whole; otherwise it leaves what its commands would. */
const sendBatch = async (graph: TestGraph, model: Model, commands: readonly Command[]): Promise<void> => {
  const rehearsal = copyOf(model)
  const bodies = commands.map((each) => ({ operation: each.operation, ...fieldsOf(each) }))
  const refusedAt = commands.findIndex((each) => !rehearsal.take(each))
  const sent = graph.call('batch.commit', { commands: bodies })
  if (refusedAt === -1) {
    await sent
    for (const each of commands) model.take(each)
  } else expect((await refusalOf(sent)).details.field).toMatch(new RegExp(`^commands\\[${refusedAt}\\]`))
}

const copyOf = (model: Model): Model => {
  const copy = new Model()
  for (const id of model.experiences) copy.experiences.add(id)
  for (const [id, relation] of model.relations) copy.relations.set(id, relation)
  for (const [id, insight] of model.insights) copy.insights.set(id, insight)
  return copy
}

const compare = async (graph: TestGraph, model: Model): Promise<void> => {
  const relations = await graph.relations()
  expect(relations.map(({ id }) => id)).toEqual([...model.relations.keys()])
  for (const { id, source, target, type } of relations)
    expect({ source, target, type }).toEqual(model.relations.get(id))
  const insights = await graph.insights()
  expect(insights.map(({ id, lostSources }) => [id, lostSources])).toEqual(
    [...model.insights].map(([id, { lostSources }]) => [id, lostSources]),
  )
  expect(await graph.stats()).toMatchObject({
    ...{ experienceCount: model.experiences.size, relationCount: relations.length, insightCount: insights.length },
  })
  // The first change is the collective's own.
  expect((await graph.journal()).slice(1)).toEqual(model.journal)
  for (let n = 0; n < EXPERIENCES; n += 1) {
    const { items } = await graph.call('relation.related', { id: idOf(n) })
    const wanted = [...model.relations]
    expect((items as { relation: { id: Uuid } }[]).map(({ relation }) => relation.id)).toEqual([
      ...wanted.filter(([, { source }]) => source === idOf(n)).map(([id]) => id),
      ...wanted.filter(([, { target }]) => target === idOf(n)).map(([id]) => id),
    ])
  }
  await expectNothingDangles(graph, model)
}

/** The rows of the tables of links, by what their keys and values say: only what the model has, and all of it. */
const expectNothingDangles = async (graph: TestGraph, model: Model): Promise<void> => {
  const { scope, engine } = graph
  const prefix = dataPrefix(scope)
  const found: Record<string, string[]> = { 8: [], 9: [], 10: [], 11: [], 12: [], 13: [], 14: [], 17: [] }
  for await (const [key, value] of engine.store.scan(prefixRange(prefix)))
    found[String(key[prefix.length])]?.push(rowName(key.subarray(prefix.length), value))
  const relations = [...model.relations]
  const insights = [...model.insights.keys()]
  expect(found).toEqual({
    8: relations.map(([id]) => id).sort(),
    9: relations.map(([id]) => id),
    10: relations.map(([id, row]) => `${row.source} ${row.target} ${typeNumber(row.type)} ${id}`).sort(),
    11: linkRows(model),
    ...{ 12: insights.toSorted(), 13: insights.toSorted(), 14: insights, 17: insights.toSorted() },
  })
}

const typeNumber = (type: string): number => (relationTypes as readonly string[]).indexOf(type)

const idsIn = (bytes: Uint8Array): Uuid[] =>
  Array.from({ length: bytes.length / 16 }, (_, at) => formatUuid(bytes.subarray(16 * at, 16 * at + 16)))

const rowName = (key: Uint8Array, value: Uint8Array): string => {
  if (key[0] === 9 || key[0] === 14) return (decodeMessagePack(value) as [string])[0]
  if (key[0] === 10) return [...idsIn(key.subarray(1, 33)), key[33], ...idsIn(value)].join(' ')
  if (key[0] === 11) return [key[1], ...idsIn(key.subarray(2)), ...idsIn(value)].join(' ')
  return formatUuid(key.subarray(1))
}

const linkRows = ({ relations, insights }: Model): string[] => {
  const lists = new Map<string, Uuid[]>()
  const add = (link: number, experience: Uuid, id: Uuid): void => {
    const name = `${link} ${experience}`
    lists.set(name, [...(lists.get(name) ?? []), id])
  }
  for (const [id, { source, target }] of relations) {
    add(1, source, id)
    add(2, target, id)
  }
  for (const [id, { kept }] of insights) for (const source of kept) add(3, source, id)
  return [...lists].map(([name, ids]) => [name, ...ids].join(' ')).sort()
}
