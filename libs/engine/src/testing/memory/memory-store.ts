/** A store's side of the comparison with the model: does what a command says, and reads everything back. */
import { isFault } from '@waggle/kernel'
import type { BuiltName } from '@waggle/protocol'
import type { MemoryCommand, Told } from './memory-command.ts'
import type { MemoryState } from './memory-model.ts'

/** Executes an operation of the table; throws its fault. */
export type CallOperation = (
  operation: BuiltName,
  body: Readonly<Record<string, unknown>>,
) => Promise<Readonly<Record<string, unknown>>>

/** What a write is told. @throws a fault that says nothing about its outcome */
export const perform = async (
  call: CallOperation,
  collective: string,
  { operation, ...fields }: MemoryCommand,
  idempotencyKey: string,
): Promise<Told> => {
  try {
    const {
      token: _token,
      sequence: _sequence,
      ...result
    } = await call(operation, {
      ...{ collective, idempotencyKey },
      ...fields,
    })
    return JSON.stringify(result)
  } catch (error) {
    if (isFault(error) && ['invalid', 'notFound', 'conflict'].includes(error.kind)) return error.code
    throw error
  }
}

type Row = Readonly<Record<string, unknown>>

/** All that a reader finds, in the model's form. */
export const readMemory = async (call: CallOperation, collective: string): Promise<MemoryState> => {
  const strong = { collective, consistency: 'strong' }
  const [experiences, relations, insights, changes] = [
    await pages(call, 'experience.list', { ...strong, limit: 3 }),
    await pages(call, 'relation.list', { ...strong, limit: 3 }),
    await pages(call, 'insight.list', { ...strong, limit: 3 }),
    await history(call, strong),
  ]
  const { items } = await call('activity.active', { ...strong, now: 0 })
  return {
    experiences: experiences.map(({ id, importance, archived, applications, version }) => [
      id as string,
      { importance, archived, applications, version } as MemoryState['experiences'][0][1],
    ]),
    relations: relations.map(({ id, source, target, type }) => [
      id as string,
      { source, target, type } as MemoryState['relations'][0][1],
    ]),
    insights: insights.map(({ id, sources, lostSources }) => [
      id as string,
      { sources, lostSources } as MemoryState['insights'][0][1],
    ]),
    activities: (items as Row[])
      .map(({ agent, task }) => [agent as string, task as string] as const)
      .sort(([left], [right]) => (left < right ? -1 : 1)),
    changes,
  }
}

const pages = async (
  call: CallOperation,
  operation: BuiltName,
  body: Readonly<Record<string, unknown>>,
): Promise<readonly Row[]> => {
  const found: Row[] = []
  let cursor: unknown
  do {
    const page = await call(operation, cursor === undefined ? body : { ...body, cursor })
    found.push(...(page.items as Row[]))
    ;({ cursor } = page)
  } while (cursor !== undefined)
  return found
}

/** Every change from the start, without the creation of the collective. */
const history = async (call: CallOperation, body: Readonly<Record<string, unknown>>): Promise<readonly string[]> => {
  const seen: string[] = []
  for (let from = 'start'; ;) {
    const { changes, next } = (await call('watch.next', { ...body, from, max: 7 })) as unknown as {
      readonly changes: readonly Readonly<Record<'entity' | 'kind' | 'id', string>>[]
      readonly next: string
    }
    if (changes.length === 0) break
    seen.push(...changes.map(({ entity, kind, id }) => `${entity} ${kind} ${id}`))
    from = next
  }
  return seen.filter((change) => !change.startsWith('collective'))
}
