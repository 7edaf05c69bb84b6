import { describe, expect, test } from 'vitest'
import { partOf } from './disk-parts.ts'

const ofCollective = (table: number): Uint8Array =>
  Uint8Array.of(0x20, 3, ...Buffer.from('abc'), ...Array<number>(12).fill(9), table, 1, 2)

describe('partOf', () => {
  test('tells the rows of a collective apart by their table, behind tenant and incarnation', () => {
    const tables = [0x01, 0x02, 0x03, 0x05, 0x06, 0x07]
    const parts = ['records', 'embeddings', 'otherState', 'journal', 'outcomes', 'journal']
    expect(tables.map((table) => partOf(ofCollective(table)))).toEqual(parts)
  })

  test('counts position, log and applied run for the log, the directory for the state', () => {
    const spaces = [0x00, 0x01, 0x02, 0x03, 0x10, 0x13, 0x17]
    const parts = ['log', 'log', 'log', 'log', 'otherState', 'outcomes', 'otherState']
    expect(spaces.map((space) => partOf(Uint8Array.of(space, 1, 2)))).toEqual(parts)
  })
})
