import { describe, expect, it } from 'vitest'
import { durabilities, isDurability, judgeDurability, type ServerFacts } from './durability.ts'

const server = (facts: Partial<ServerFacts> = {}): ServerFacts => ({
  ...{ name: 'n1', version: '2.14.5', storeBytes: 0, storeBytesMax: 1 },
  ...facts,
})
const always = { syncAlways: true, syncInterval: 120e9 }
const lazy = { syncAlways: false, syncInterval: 120e9 }

describe('P1 what an acknowledgement means', () => {
  it('nobody knows before a server has said what it does', () => {
    const { isKept, meaning, problems } = judgeDurability({ durability: 'synced', replicas: 3 }, [])
    expect([isKept, problems]).toEqual([undefined, []])
    expect(meaning).toContain('none has said yet')
  })

  it.each([
    ['synced', 1, [server(always)], true, 'the one server had the write on disk'],
    [
      'synced',
      3,
      ['a', 'b', 'c'].map((name) => server({ name, ...always })),
      true,
      '2 of 3 servers had the write on disk',
    ],
    ['replicated', 1, [server(lazy)], true, 'not a power cut of the machine'],
    [
      'replicated',
      3,
      ['a', 'b', 'c'].map((name) => server({ name, ...lazy })),
      true,
      'not a power cut of all machines at once',
    ],
    ['synced', 1, [server(lazy)], false, 'not a power cut of the machine'],
    ['synced', 1, [server()], false, 'not a power cut of the machine'],
    [
      'synced',
      3,
      [server(always), server({ name: 'n2', ...lazy }), server({ name: 'n3', ...always })],
      false,
      'not a power cut',
    ],
    // More than was asked for is no problem.
    ['replicated', 1, [server(always)], true, 'on disk'],
    ['synced', 3, [server(always)], false, 'on disk'],
  ] as const)('%s with %i copies: what the servers do decides', (durability, replicas, servers, isKept, words) => {
    const judged = judgeDurability({ durability, replicas }, servers)
    expect(judged.isKept).toBe(isKept)
    expect(judged.meaning).toContain(words)
    expect(judged.problems.length > 0).toBe(!isKept)
  })

  it('a problem names the server and the setting', () => {
    const { problems } = judgeDurability({ durability: 'synced', replicas: 1 }, [server(lazy)])
    expect(problems).toEqual(['n1 syncs every 120 s, not before it acknowledges (sync_interval: always)'])
  })
})

it('P10 a mode is one of two words', () => {
  expect(durabilities.every(isDurability)).toBe(true)
  for (const value of ['', 'SYNCED', 'toString', 1, null, undefined]) expect(isDurability(value)).toBe(false)
})
