/**
 * Writes batches into the store at argv[2] until it is killed or a write fails, and prints the number of each after its
 * acknowledgement. argv[3] is `sync` or `async`. Every batch writes all rows anew, so a torn one shows.
 */
import { writeSync } from 'node:fs'
import { Fault, utf8 } from '@waggle/kernel'
import { openLevelStore } from '../store/level-store.ts'
import { batchKey, rowKey, ROWS_PER_BATCH, rowValue } from './store-writer-rows.ts'

// A file that grows beyond `ulimit -f` then fails with EFBIG; by default the signal would end the process.
process.on('SIGXFSZ', () => undefined)

const [directory = '', mode] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, `${line}\n`)

const store = await openLevelStore(directory)
const count = store.get(rowKey(0))
let number = count === undefined ? 0 : Number(Buffer.from(count).toString('latin1', 0, 10))
say('ready')

const write = async (): Promise<void> => {
  number += 1
  const rows = Array.from({ length: ROWS_PER_BATCH }, (_, row) => ({ key: rowKey(row), value: rowValue(number, row) }))
  await store.write([...rows, { key: batchKey(number), value: utf8('') }], { sync: mode === 'sync' })
  say(String(number))
}

const codeOf = (error: unknown): string => (error instanceof Fault ? error.code : String(error))

try {
  for (;;) await write()
} catch (error) {
  say(codeOf(error))
  say((await write().catch(codeOf)) ?? 'written')
  await store.close()
}
