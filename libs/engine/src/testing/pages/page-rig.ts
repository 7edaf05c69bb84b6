/** A collective's page store in memory, with what its tests do to it. */
import { isFault, type Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, type BuiltName, type MemoryNode, type ResultOf, type Sequence } from '@waggle/protocol'
import { readCollective } from '../../memory/collective/collective-rows.ts'
import { pageKey, type Scope } from '../../state/keyspace.ts'
import { openTestEngine, type TestEngine, type TestEngineOptions } from '../test-engine.ts'

const AGENT = '00000000-0000-4000-8000-0000000000ff' as Uuid

export const memoryId = (n: number): Uuid => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}` as Uuid

/** As a request carries it; `fields` beside what must be there. */
export const memory = (n: number, fields: Partial<MemoryNode> = {}): Record<string, unknown> => ({
  ...{ id: memoryId(n), agentId: AGENT, memoryType: 'semantic', content: `memory ${n}`, createdAt: 1, accessedAt: 2 },
  ...fields,
})

/** A content that takes so many pages. */
export const largeContent = (pages: number): string => 'x'.repeat((pages - 1) * 65_504 + 1)

export class PageRig {
  readonly engine: TestEngine
  readonly collective: Uuid

  private constructor(engine: TestEngine, collective: Uuid) {
    this.engine = engine
    this.collective = collective
  }

  static async open(options: TestEngineOptions = {}, collective = memoryId(0xc0)): Promise<PageRig> {
    const engine = await openTestEngine(options)
    const rig = new PageRig(engine, collective)
    const idempotencyKey = `create ${collective}`
    await engine.call('collective.create', { id: collective, name: 'pages', dimension: 3, idempotencyKey })
    return rig
  }

  /** The rows of the collective. */
  get scope(): Scope {
    const stored = readCollective(this.engine.store, DEFAULT_TENANT, this.collective)
    return stored?.scope ?? { tenant: DEFAULT_TENANT, incarnation: { sequence: 0 as Sequence, index: 0 } }
  }

  async ask<Name extends BuiltName>(name: Name, fields: object = {}): Promise<ResultOf<Name>> {
    const { token: _, ...result } = await this.engine.call(name, { collective: this.collective, ...fields })
    return result as unknown as ResultOf<Name>
  }

  /** The page of each memory. */
  async store(...memories: readonly object[]): Promise<readonly number[]> {
    return (await this.ask('pages.store', { memories })).pages
  }

  /** The memory of an id. */
  async load(n: number): Promise<MemoryNode | undefined> {
    return (await this.ask('pages.load', { id: memoryId(n) })).memory
  }

  async refusal(name: BuiltName, fields: object = {}): Promise<{ readonly code: string; readonly details: object }> {
    try {
      await this.ask(name, fields)
    } catch (error) {
      if (isFault(error)) return { code: error.code, details: error.details }
      throw error
    }
    throw new Error(`${name} was not refused`)
  }

  /** Changes a page's row under the engine; `undefined` takes it away. Reads see it from the next write on. */
  async damage(page: number, change: (bytes: Uint8Array) => Uint8Array | undefined): Promise<void> {
    const key = pageKey(this.scope, page)
    const value = change(new Uint8Array(this.engine.store.get(key) ?? []))
    await this.engine.store.write([{ key, value }], { sync: false })
    await this.ask('pages.checkpoint')
  }
}
