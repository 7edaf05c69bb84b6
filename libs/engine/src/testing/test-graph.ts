/** A collective of an engine under test, and short words for what hangs on its experiences. */
import { isFault, type Fault, type Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, type BuiltName, type Insight, type Relation } from '@waggle/protocol'
import type { Reply } from '../engine.ts'
import { decodeJournalRow } from '../memory/journal.ts'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { dataPrefix, JOURNAL_STORE, journalPrefix, type Scope } from '../state/keyspace.ts'
import { prefixRange } from '../store/prefix-range.ts'
import { openTestEngine, type TestEngine, type TestEngineOptions } from './test-engine.ts'

export const idOf = (n: number): Uuid => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}` as Uuid

export class TestGraph {
  readonly engine: TestEngine
  readonly collective: Uuid

  private constructor(engine: TestEngine, collective: Uuid) {
    this.engine = engine
    this.collective = collective
  }

  static async open(options: TestEngineOptions = {}): Promise<TestGraph> {
    const engine = await openTestEngine(options)
    const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2 })
    return new TestGraph(engine, (collective as { id: Uuid }).id)
  }

  /** The same collective over another engine. */
  over(engine: TestEngine): TestGraph {
    return new TestGraph(engine, this.collective)
  }

  /** Another collective of the same engine. */
  async beside(): Promise<TestGraph> {
    const { collective } = await this.engine.call('collective.create', { name: 'wasps', dimension: 2 })
    return new TestGraph(this.engine, (collective as { id: Uuid }).id)
  }

  async call(operation: BuiltName, fields: object = {}): Promise<Reply> {
    return this.engine.call(operation, { collective: this.collective, ...fields })
  }

  /** Records experiences of these numbers. */
  async record(...numbers: readonly number[]): Promise<void> {
    const experiences = numbers.map((n) => ({ id: idOf(n), content: `record ${n}`, embedding: [1, n] }))
    await this.call('experience.recordMany', { experiences })
  }

  async relate(source: number, target: number, more: object = {}): Promise<Uuid> {
    const relation = { source: idOf(source), target: idOf(target), type: 'supports', ...more }
    return (await this.call('relation.create', relation)).id as Uuid
  }

  async conclude(sources: readonly number[], more: object = {}): Promise<Uuid> {
    const insight = { content: 'so it is', embedding: [1, 1], type: 'pattern', sources: sources.map(idOf), ...more }
    return (await this.call('insight.store', insight)).id as Uuid
  }

  async delete(n: number): Promise<void> {
    await this.call('experience.delete', { id: idOf(n) })
  }

  async relations(): Promise<readonly Relation[]> {
    return (await this.call('relation.list', { limit: 1_000 })).items as Relation[]
  }

  async insights(): Promise<readonly Insight[]> {
    return (await this.call('insight.list', { limit: 1_000 })).items as Insight[]
  }

  async insight(id: Uuid): Promise<Insight | undefined> {
    return (await this.call('insight.get', { id })).insight as Insight | undefined
  }

  async stats(): Promise<Record<string, number>> {
    return (await this.call('collective.stats')).stats as Record<string, number>
  }

  get scope(): Scope {
    const stored = readCollective(this.engine.store, DEFAULT_TENANT, this.collective)
    if (stored === undefined) throw new Error('the collective is not there')
    return stored.scope
  }

  /** Every change of the collective, as `entity kind id`. */
  async journal(): Promise<readonly string[]> {
    const changes: string[] = []
    for await (const [, row] of this.engine.store.scan(prefixRange(journalPrefix(this.scope, JOURNAL_STORE.memory)))) {
      const { entity, kind, id } = decodeJournalRow(row)
      changes.push(`${entity} ${kind} ${id}`)
    }
    return changes
  }

  /** How many rows each table of the collective has. */
  async tables(): Promise<Readonly<Record<number, number>>> {
    const prefix = dataPrefix(this.scope)
    const counts: Record<number, number> = {}
    for await (const key of this.engine.store.scanKeys(prefixRange(prefix))) {
      const table = key[prefix.length] as number
      counts[table] = (counts[table] ?? 0) + 1
    }
    return counts
  }
}

/** The fault that refuses it. */
export const refusalOf = async (call: Promise<unknown>): Promise<Fault> => {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isFault(error)) throw new Error(`not refused: ${String(error)}`)
  return error
}
