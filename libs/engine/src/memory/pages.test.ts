/** Pages of experiences, relations and insights: by cursor, by offset, and whose cursor it is. */
import { limits, type BuiltName, type TenantId } from '@waggle/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { idOf, refusalOf, TestGraph } from '../testing/test-graph.ts'

const lists = ['experience.list', 'relation.list', 'insight.list'] as const
const COUNT = 7

let graph: TestGraph
let other: TestGraph

const fill = async (into: TestGraph): Promise<void> => {
  await into.record(...Array.from({ length: COUNT }, (_, n) => n))
  for (let n = 0; n < COUNT; n += 1) {
    into.engine.clock.advance(n % 2)
    await into.relate(n, (n + 1) % COUNT)
    await into.conclude([n])
  }
}

beforeAll(async () => {
  graph = await TestGraph.open()
  other = await graph.beside()
  await fill(graph)
  await fill(other)
})

interface PageReply {
  readonly items: { readonly id: string }[]
  readonly cursor?: string
}

const page = async (list: BuiltName, fields: object = {}, of = graph): Promise<PageReply> =>
  (await of.call(list, fields)) as unknown as PageReply

const idsOf = ({ items }: PageReply): string[] => items.map(({ id }) => id)

describe.each(lists)('%s', (list) => {
  test('G1 is the same page by page, in every size of page, by cursor and by offset', async () => {
    const whole = idsOf(await page(list))
    expect(whole).toHaveLength(COUNT)
    for (let limit = 1; limit <= COUNT + 1; limit += 1) {
      const byCursor: string[] = []
      let cursor: string | undefined
      do {
        const reply = await page(list, { limit, cursor })
        byCursor.push(...idsOf(reply))
        ;({ cursor } = reply)
      } while (cursor !== undefined)
      expect(byCursor).toEqual(whole)
      const byOffset: string[] = []
      for (let offset = 0; offset < COUNT; offset += limit) byOffset.push(...idsOf(await page(list, { limit, offset })))
      expect(byOffset).toEqual(whole)
    }
  })

  test('G1 a page that an offset began is followed by its cursor', async () => {
    const whole = idsOf(await page(list))
    const { cursor, ...reply } = await page(list, { offset: 2, limit: 2 })
    expect(idsOf(reply)).toEqual(whole.slice(2, 4))
    expect(idsOf(await page(list, { cursor }))).toEqual(whole.slice(4))
  })

  test('past the end is nothing, as far as an offset may go', async () => {
    for (const offset of [COUNT, COUNT + 1, limits.PAGE_OFFSET_MAX])
      expect(await page(list, { offset })).toMatchObject({ items: [] })
    expect(await page(list, { offset: COUNT })).not.toHaveProperty('cursor')
    const refused = await refusalOf(page(list, { offset: limits.PAGE_OFFSET_MAX + 1 }))
    expect(refused.details.field).toBe('offset')
  })

  test('P10 a cursor and an offset contradict each other', async () => {
    const { cursor } = await page(list, { limit: 1 })
    const refused = await refusalOf(page(list, { cursor, offset: 0 }))
    expect([refused.code, refused.details.field]).toEqual(['INVALID_FIELD', 'offset'])
  })

  test('G2 a cursor of another collective, or of another list, is refused', async () => {
    const { cursor } = await page(list, { limit: 1 })
    const elsewhere = [page(list, { cursor }, other)]
    for (const another of lists) if (another !== list) elsewhere.push(page(another, { cursor }))
    for (const each of elsewhere) {
      const refused = await refusalOf(each)
      expect([refused.code, refused.details]).toEqual(['INVALID_CURSOR', { field: 'cursor' }])
    }
  })

  test('G2 a cursor of an earlier collective of the same id is refused', async () => {
    const own = await graph.beside()
    await fill(own)
    const { cursor } = await page(list, { limit: 1 }, own)
    await own.call('collective.delete')
    await own.engine.call('collective.create', { id: own.collective, name: 'again', dimension: 2 })
    await fill(own)
    expect((await refusalOf(page(list, { cursor }, own))).code).toBe('INVALID_CURSOR')
    expect((await page(list, {}, own)).items).toHaveLength(COUNT)
  })

  test('P12 no such collective, or one of another tenant', async () => {
    const of = (tenant: string, collective: string) =>
      graph.engine.engine.execute(tenant as TenantId, list, { collective })
    for (const refused of [of('default', idOf(9)), of('evil', graph.collective)])
      expect((await refusalOf(refused)).details.entity).toBe('collective')
  })
})

test('an offset into a filtered list counts what matches', async () => {
  const own = await graph.beside()
  const experiences = Array.from({ length: 10 }, (_, n) => ({
    ...{ id: idOf(n), content: 'x', embedding: [1, 1], domain: n % 2 === 0 ? ['even'] : [] },
  }))
  await own.call('experience.recordMany', { experiences })
  await own.call('experience.archive', { id: idOf(2) })
  const even = { filter: { domains: ['even'] } }
  expect(idsOf(await page('experience.list', { ...even, offset: 1, limit: 2 }, own))).toEqual([idOf(2), idOf(4)])
  const shown = { filter: { ...even.filter, includeArchived: false } }
  expect(idsOf(await page('experience.list', { ...shown, offset: 1, limit: 2 }, own))).toEqual([idOf(4), idOf(6)])
  const unarchived = { filter: { includeArchived: false } }
  expect(idsOf(await page('experience.list', { ...unarchived, offset: 2, limit: 1 }, own))).toEqual([idOf(3)])
})

test('K8 a page of insights ends before a reply does', async () => {
  const own = await graph.beside()
  await own.record(1)
  const content = '\u0001'.repeat(limits.INSIGHT_CONTENT_BYTES_MAX)
  for (let n = 0; n < 40; n += 1) await own.conclude([1], { content })
  const first = await page('insight.list', { limit: 1_000 }, own)
  expect(Buffer.byteLength(JSON.stringify(first))).toBeLessThan(limits.REPLY_BYTES_MAX)
  const second = await page('insight.list', { limit: 1_000, cursor: first.cursor }, own)
  const third = await page('insight.list', { limit: 1_000, cursor: second.cursor }, own)
  expect(new Set([first, second, third].flatMap(idsOf)).size).toBe(40)
  expect(third.cursor).toBeUndefined()
})
