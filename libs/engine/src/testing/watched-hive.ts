/** A collective that is written to and watched. */
import type { Uuid } from '@waggle/kernel'
import type { BuiltName, Change, CollectiveId, RequestOf, ResultOf } from '@waggle/protocol'
import { openTestEngine, type TestEngine, type TestEngineOptions } from './test-engine.ts'

type WatchRequest = Partial<Omit<RequestOf<'watch.next'>, 'collective'>> & { readonly timeoutMs?: number }

export interface WatchedHive {
  readonly engine: TestEngine
  readonly id: CollectiveId
  call(operation: BuiltName, fields?: object): Promise<Readonly<Record<string, unknown>>>
  record(fields?: object): Promise<Uuid>
  /** So many in one batch. */
  recordMany(count: number, fields?: object): Promise<readonly Uuid[]>
  next(request?: WatchRequest): Promise<ResultOf<'watch.next'>>
  /** Everything from a place to the end, page by page. */
  rest(request?: WatchRequest): Promise<readonly Change[]>
}

export const createHive = async (engine: TestEngine, name = 'bees'): Promise<WatchedHive> => {
  const { collective } = await engine.call('collective.create', { name, dimension: 2 })
  const { id } = collective as { id: CollectiveId }
  const call: WatchedHive['call'] = (operation, fields = {}) => engine.call(operation, { collective: id, ...fields })
  const next: WatchedHive['next'] = async (request = {}) =>
    (await call('watch.next', request)) as unknown as ResultOf<'watch.next'>
  return {
    ...{ engine, id, call, next },
    async record(fields = {}) {
      return (await call('experience.record', { content: 'x', embedding: [1, 2], ...fields })).id as Uuid
    },
    async recordMany(count, fields = {}) {
      const experiences = Array.from({ length: count }, (_, n) => ({ content: `n ${n}`, embedding: [1, n], ...fields }))
      return (await call('experience.recordMany', { experiences })).ids as Uuid[]
    },
    async rest(request = {}) {
      const changes: Change[] = []
      for (let from = request.from ?? 'start'; ;) {
        const page = await next({ ...request, from })
        changes.push(...page.changes)
        if (page.more !== true) return changes
        from = page.next
      }
    },
  }
}

export const openHive = async (options?: TestEngineOptions): Promise<WatchedHive> =>
  createHive(await openTestEngine(options))
