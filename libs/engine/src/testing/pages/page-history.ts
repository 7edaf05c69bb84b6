/** A random history of a collective's page store: as many writes as wanted, done by a store and by the model alike. */
import { fraction, isFault, type Uuid } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import type { BuiltName, MemoryNode, ResultOf } from '@waggle/protocol'
import { encodeMemory } from '../../page-store/memory-record.ts'
import type { CallOperation } from '../memory/memory-store.ts'
import { randomPageCommand, type CommandMemory, type PageCommand } from './page-command.ts'
import { PageModel, type PageState, type Told } from './page-model.ts'

const AGENT = '00000000-0000-4000-8000-0000000000ff' as Uuid
const NIL = '00000000-0000-0000-0000-000000000000' as Uuid

/** A memory of the history, whole. */
const memoryOf = ({ id, content }: CommandMemory): MemoryNode => ({
  ...{ id: id as Uuid, agentId: AGENT, userId: NIL, spaceId: NIL, memoryType: 'semantic', content },
  embedding: Float32Array.of(0.5, -1, content.length),
  ...{ createdAt: 1, accessedAt: 2, accessCount: 3, salience: 0.5, confidence: 1, tags: ['tag'] },
  attributes: { length: content.length },
})

export interface Difference {
  readonly step: number
  readonly command: unknown
  readonly told: Told
  readonly expected: Told
}

export class PageHistory {
  readonly collective: string
  readonly commands: readonly PageCommand[]
  readonly #model = new PageModel((memory) => encodeMemory(memoryOf(memory)).length)
  readonly #expected: readonly Told[]

  constructor(seed: number, length: number) {
    const random = seededRandom(seed)
    const chance = (below: number): number => Math.floor(fraction(random) * below)
    this.collective = `00000000-0000-4000-9002-${seed.toString(16).padStart(12, '0')}`
    this.commands = Array.from({ length }, () => randomPageCommand(chance))
    this.#expected = this.commands.map((command) => this.#model.take(command))
  }

  /** What reading back must find when all is done. */
  get state(): PageState {
    return this.#model.state
  }

  async create(call: CallOperation): Promise<void> {
    const { collective } = this
    await call('collective.create', {
      ...{ id: collective, name: 'pages', dimension: 3, idempotencyKey: `create ${collective}` },
    })
  }

  /** Does one step; doing it again does nothing. @returns how it differs from the model, if it does */
  async step(call: CallOperation, step: number): Promise<Difference | undefined> {
    const command = this.commands[step] as PageCommand
    const told = await this.#perform(call, command, `step ${step}`)
    const expected = this.#expected[step] as Told
    return told === expected ? undefined : { step, command: JSON.stringify(command).slice(0, 300), told, expected }
  }

  async read(call: CallOperation): Promise<PageState> {
    const { collective } = this
    const ask = async <Name extends BuiltName>(name: Name, fields: object = {}): Promise<ResultOf<Name>> =>
      (await call(name, { collective, consistency: 'strong', ...fields })) as unknown as ResultOf<Name>
    const { pageCount, freePages, memoryCount } = await ask('pages.status')
    const memories: (readonly [string, number, string])[] = []
    for (let after: number | undefined, isEnd = false; !isEnd;) {
      const scan = await ask('pages.scan', { limit: 2, ...(after === undefined ? {} : { after }) })
      if (scan.damaged.length > 0) throw new Error(`damaged pages ${scan.damaged.join(' ')}`)
      for (const { id, page } of scan.items) memories.push([id, page, await contentOf(ask, id, page)])
      after = scan.next
      isEnd = after === undefined
    }
    const begun = new Set(memories.map(([, page]) => page))
    const pages: (readonly [string, string?])[] = []
    for (let page = 1; page <= pageCount + freePages; page += 1) {
      const { kind, bytes } = await ask('pages.read', { page })
      pages.push(kind === 'data' && !begun.has(page) ? [kind, Buffer.from(bytes).toString()] : [kind])
    }
    return { pages, memories, status: { pageCount, freePages, memoryCount } }
  }

  async #perform(call: CallOperation, command: PageCommand, idempotencyKey: string): Promise<Told> {
    try {
      const body = { collective: this.collective, ...fieldsOf(command), idempotencyKey }
      const { token: _, ...result } = await call(command.operation, body)
      return JSON.stringify(result)
    } catch (error) {
      if (isFault(error) && ['invalid', 'notFound', 'conflict'].includes(error.kind)) return error.code
      throw error
    }
  }
}

const fieldsOf = (command: PageCommand): object => {
  switch (command.operation) {
    case 'pages.store':
      return { memories: command.memories.map(memoryOf) }
    case 'pages.update':
      return { page: command.page, memory: memoryOf(command.memory) }
    case 'pages.write':
      return { page: command.page, bytes: command.text }
    default: {
      const { operation: _, ...fields } = command
      return fields
    }
  }
}

type Ask = <Name extends BuiltName>(name: Name, fields?: object) => Promise<ResultOf<Name>>

/** By its page and by its id; both must be the whole memory. */
const contentOf = async (ask: Ask, id: string, page: number): Promise<string> => {
  const content = (await ask('pages.load', { page })).memory?.content ?? 'absent'
  const found = await ask('pages.load', { id })
  const whole = JSON.stringify(memoryOf({ id, content }))
  if (found.page !== page || JSON.stringify(found.memory) !== whole)
    throw new Error(`memory of page ${page} is another one: ${JSON.stringify(found).slice(0, 300)}`)
  return content
}
