/** Stores memories in a folder and forgets some, and waits for its end: it is killed, or told to close. */
import { createInterface } from 'node:readline'
import { writeSync } from 'node:fs'
import { openFolderCall } from '../memory/folder-call.ts'
import { FORGET_COLLECTIVE as collective, FORGOTTEN, STORED } from './forget-plan.ts'
import { largeContent, memory, memoryId } from './page-rig.ts'

const [path = '', flush = ''] = process.argv.slice(2)
const { call, close } = await openFolderCall(path)
await call('collective.create', { id: collective, name: 'forgetful', dimension: 3 })
const memories = Array.from({ length: STORED }, (_, n) => memory(n, n % 3 === 0 ? { content: largeContent(2) } : {}))
await call('pages.store', { collective, memories })
for (const n of FORGOTTEN) await call('pages.delete', { collective, id: memoryId(n) })
if (flush === 'flush') await call('pages.checkpoint', { collective })
writeSync(1, 'ready\n')
for await (const line of createInterface({ input: process.stdin })) if (line === 'close') break
await close()
process.exit(0)
