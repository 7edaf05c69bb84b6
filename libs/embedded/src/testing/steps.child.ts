/** Performs steps from a number on, 16 at a time, and prints the number of each acknowledged one, until it dies. */
import { writeSync } from 'node:fs'
import { openWaggle } from '../open-waggle.ts'
import { DIMENSION, perform } from './steps.ts'

const CONCURRENT = 16

const [path = '', first = '0'] = process.argv.slice(2)
const waggle = await openWaggle({ path })
const hive = await waggle.getOrCreateCollective({ name: 'steps', dimension: DIMENSION })
let next = Number(first)

const worker = async (): Promise<never> => {
  for (;;) {
    const n = next
    next += 1
    await perform(hive, n)
    writeSync(1, `${n}\n`)
  }
}

await Promise.all(Array.from({ length: CONCURRENT }, worker))
