/** Records batches that each take several records of the log, and prints the number of each that was acknowledged. */
import { writeSync } from 'node:fs'
import { openWaggle } from '../open-waggle.ts'
import { largeBatch } from './large-batch.ts'

const [path = '', first = '0'] = process.argv.slice(2)
const waggle = await openWaggle({ path })
const hive = await waggle.getOrCreateCollective({ name: 'batches', dimension: 2 })

for (let n = Number(first); ; n += 1) {
  writeSync(1, `begin ${n}\n`)
  await hive.recordMany(largeBatch(n), { idempotencyKey: `batch-${n}` })
  writeSync(1, `done ${n}\n`)
}
