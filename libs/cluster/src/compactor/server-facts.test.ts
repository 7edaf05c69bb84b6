import { describe, expect, test } from 'vitest'
import { serverFactsOf } from './server-facts.ts'

const server = { name: 'n1', ver: '2.14.5' }
const config = { max_memory: 1, max_storage: 100, store_dir: '/data', sync_interval: 120_000_000_000 }

describe('what a server says of itself', () => {
  test('one that syncs always says so', () => {
    expect(serverFactsOf({ server, data: { storage: 7, config: { ...config, sync_always: true } } })).toEqual({
      ...{ name: 'n1', version: '2.14.5', syncAlways: true, syncInterval: 120_000_000_000 },
      ...{ storeBytes: 7, storeBytesMax: 100 },
    })
  })

  test('one that does not leaves it out', () => {
    expect(serverFactsOf({ server, data: { storage: 7, config } })).toMatchObject({ syncAlways: false })
  })

  test('nothing is assumed of one that tells no interval, as before 2.10', () => {
    const { sync_interval: _, ...old } = config
    const facts = serverFactsOf({ server: { name: 'n1', ver: '2.9.10' }, data: { config: old } })
    expect(facts).toEqual({ name: 'n1', version: '2.9.10', storeBytes: 0, storeBytesMax: 100 })
  })

  test.each([
    ['without JetStream', { server, data: { disabled: true } }],
    ['that is no map', 'hello'],
    ['that is nothing', undefined],
    ['without a name', { server: { ver: '2.14.5' }, data: { config } }],
    ['with an error', { server: { name: 7, ver: null }, error: { code: 400 } }],
  ])('P10 an answer %s tells nothing', (_, answer) => {
    expect(serverFactsOf(answer)).toBeUndefined()
  })
})
