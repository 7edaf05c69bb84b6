import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openLedger, readLedger } from './ledger.ts'

describe('a ledger', () => {
  it('gives back what was noted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'waggle-ledger-'))
    const ledger = openLedger(join(folder, 'ledger'))
    ledger.begin(4)
    ledger.have([
      [40, 'a'],
      [41, 'b'],
    ])
    ledger.begin(5)
    ledger.close()
    const { begun, acknowledged } = readLedger(readFileSync(join(folder, 'ledger'), 'utf8'))
    rmSync(folder, { recursive: true })
    expect(begun).toEqual([4, 5])
    expect([...acknowledged]).toEqual([
      [40, 'a'],
      [41, 'b'],
    ])
  })

  it('says nothing by a line that was cut short', () => {
    expect([...readLedger('begin 1\nhave 2 a\nhave 3 b').acknowledged.keys()]).toEqual([2])
    expect(readLedger('begin 1\nbegin 12').begun).toEqual([1])
    expect(readLedger('beg').begun).toEqual([])
  })
})
