/** Fills a folder's collective with keys, asks for a prune or a rule, and prints how far the job is, over and over. */
import { writeSync } from 'node:fs'
import { openFolderCall } from '../memory/folder-call.ts'

const [path = '', collective = '', count = '', request = ''] = process.argv.slice(2)
const { call } = await openFolderCall(path)
await call('collective.create', { id: collective, name: 'bees', dimension: 1 })
for (let n = 0; n < Number(count); n += 1_000) {
  const entries = Array.from({ length: 1_000 }, (_, index) => [`a/${String(n + index).padStart(8, '0')}`, 'value'])
  await call('keys.put', { collective, entries })
}
const commands = Array.from({ length: 1_000 }, (_, n) => ({ operation: 'keys.put', entries: [[`b/${n}`, 'value']] }))
await call('batch.commit', { collective, commands })
await call('keys.put', { collective, entries: [['c', 'value']] })
const { operation, ...fields } = JSON.parse(request) as { operation: 'keys.prune' | 'keys.setRetention' }
const { job } = await call(operation, { collective, ...fields, idempotencyKey: 'job' })
writeSync(1, `${String(job)}\n`)
for (;;) {
  const found = (await call('keys.job', { collective, job })).job as { keys: number; isDone: boolean } | undefined
  writeSync(1, `${found?.isDone === true ? 'done' : String(found?.keys)}\n`)
  await new Promise((resolve) => process.nextTick(resolve))
}
