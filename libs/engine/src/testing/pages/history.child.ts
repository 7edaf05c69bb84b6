/** Does a history's steps from a number on over a folder, and prints each number when it is acknowledged. */
import { writeSync } from 'node:fs'
import { openFolderCall } from '../memory/folder-call.ts'
import { PageHistory } from './page-history.ts'

const [path = '', seed = '', steps = '', first = ''] = process.argv.slice(2)
const history = new PageHistory(Number(seed), Number(steps))
const { call } = await openFolderCall(path)
await history.create(call)
for (let step = Number(first); step < history.commands.length; step += 1) {
  const difference = await history.step(call, step)
  if (difference !== undefined) throw new Error(JSON.stringify(difference))
  writeSync(1, `${step}\n`)
}
writeSync(1, 'done\n')
