import type { Collective, CollectiveId, Experience, SearchHit, TextLanguage } from '@waggle/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { openTestEngine, type TestEngine } from '../../testing/test-engine.ts'

let engine: TestEngine

const created = async (fields: { readonly language?: TextLanguage }): Promise<CollectiveId> => {
  const { collective } = await engine.call('collective.create', { name: 'bees', dimension: 2, ...fields })
  return (collective as Collective).id
}

const record = async (collective: CollectiveId, content: string): Promise<void> => {
  await engine.call('experience.record', { collective, content, embedding: [1, 0] })
}

const found = async (collective: CollectiveId, text: string): Promise<readonly string[]> => {
  const { results } = await engine.call('experience.search', { collective, text })
  return (results as readonly SearchHit[]).map(({ experience }) => experience.content)
}

beforeEach(async () => {
  engine = await openTestEngine()
})

describe('the language of a collective', () => {
  test('says what the stems of its texts are: english, unless another one is named', async () => {
    const [plain, german] = [await created({}), await created({ language: 'german' })]
    for (const collective of [plain, german]) {
      await record(collective, 'Häuser am See')
      await record(collective, 'locked tables')
    }
    expect([await found(plain, 'Haus'), await found(plain, 'locking')]).toEqual([[], ['locked tables']])
    expect([await found(german, 'Haus'), await found(german, 'locking')]).toEqual([['Häuser am See'], []])
  })

  test('once it is another one, the texts that are there and those to come are found by it', async () => {
    const collective = await created({})
    await record(collective, 'Häuser am See')
    expect(await found(collective, 'Haus')).toEqual([])
    const changing = engine.call('collective.update', { collective, language: 'german' })
    const meanwhile = found(collective, 'Haus')
    await changing
    expect([[], ['Häuser am See']]).toContainEqual(await meanwhile)
    await record(collective, 'ein Haus am Meer')
    expect([...(await found(collective, 'Hauses'))].sort()).toEqual(['Häuser am See', 'ein Haus am Meer'])
    await engine.call('collective.update', { collective, language: 'none' })
    expect(await found(collective, 'Haus')).toEqual(['ein Haus am Meer'])
  })

  test('what is said of an experience changes without its words', async () => {
    const collective = await created({})
    await record(collective, 'locked tables')
    expect(await found(collective, 'table')).toEqual(['locked tables'])
    const { items } = await engine.call('experience.list', { collective })
    const { id } = (items as readonly [Experience])[0]
    await engine.call('experience.update', { collective, id, patch: { importance: 1 } })
    expect(await found(collective, 'table')).toEqual(['locked tables'])
    await engine.call('experience.delete', { collective, id })
    expect(await found(collective, 'table')).toEqual([])
  })
})
