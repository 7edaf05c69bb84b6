/**
 * What a writer was about to do and what it was told, line by line in a file. Each line is one synchronous write, which
 * the system keeps when the process is killed: so the file says exactly what was acknowledged, and by whom.
 *
 * ```
 * begin <operation>            before its first record is handed to the store
 * have <record> <id>           after the store acknowledged the record
 * ```
 */
import { closeSync, openSync, writeSync } from 'node:fs'

export interface Ledger {
  begin(operation: number): void
  /** Several records that were acknowledged together. */
  have(records: readonly (readonly [record: number, id: string])[]): void
  close(): void
}

export const openLedger = (path: string): Ledger => {
  const file = openSync(path, 'a')
  return {
    begin: (operation) => void writeSync(file, `begin ${operation}\n`),
    have: (records) => void writeSync(file, records.map(([record, id]) => `have ${record} ${id}\n`).join('')),
    close: () => closeSync(file),
  }
}

export interface LedgerContents {
  /** The operations that were begun. */
  readonly begun: readonly number[]
  /** The ids of acknowledged records by number. */
  readonly acknowledged: ReadonlyMap<number, string>
}

/** Reads a ledger. A last line that was cut short says nothing. */
export const readLedger = (text: string): LedgerContents => {
  const begun: number[] = []
  const acknowledged = new Map<number, string>()
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [word, number, id] = line.split(' ')
    if (word === 'begin') begun.push(Number(number))
    if (word === 'have' && id !== undefined) acknowledged.set(Number(number), id)
  }
  return { begun, acknowledged }
}
