/** Takes (`take`) and gives back (`give`) the lock of the folder at argv[2] as it is told, and prints how it went. */
import { createInterface } from 'node:readline'
import { writeSync } from 'node:fs'
import { isFault } from '@waggle/kernel'
import { acquireFolderLock, type FolderLock } from '../store/folder-lock.ts'

const [folder = ''] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, `${line}\n`)

let lock: FolderLock | undefined
say('ready')
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'take') {
    try {
      lock = await acquireFolderLock(folder)
      say('taken')
    } catch (error) {
      say(isFault(error) ? error.code : String(error))
    }
  } else {
    await lock?.release()
    lock = undefined
    say('given')
  }
}
