/** Does a history of keys from a step on over a folder, and prints each number when it is acknowledged. */
import { writeSync } from 'node:fs'
import { openFolderCall } from '../memory/folder-call.ts'
import { KeyHistory } from './key-history.ts'

const [path = '', seed = '', steps = '', first = ''] = process.argv.slice(2)
const history = new KeyHistory(Number(seed), Number(steps))
const { call } = await openFolderCall(path)
await history.create(call)
for (let step = Number(first); step < history.commands.length; step += 1) {
  await history.step(call, step)
  writeSync(1, `${step}\n`)
}
writeSync(1, 'done\n')
