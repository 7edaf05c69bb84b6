/**
 * Records into the folder at argv[2] until the disk refuses, which `ulimit -f` makes it do, and says what happens then:
 * to the write, to the next one, to a read, to closing.
 */
import { writeSync } from 'node:fs'
import { isFault } from '@waggle/kernel'
import { openWaggle } from '../open-waggle.ts'
import { fullDiskRecord } from './full-disk-record.ts'

// A file that grows beyond `ulimit -f` then fails with EFBIG; by default the signal would end the process.
process.on('SIGXFSZ', () => undefined)

const [path = ''] = process.argv.slice(2)
const say = (line: string): void => void writeSync(1, `${line}\n`)
const codeOf = (error: unknown): string => (isFault(error) ? `${error.code} ${error.kind}` : String(error))

const waggle = await openWaggle({ path })
const hive = await waggle.getOrCreateCollective({ name: 'full', dimension: 2 }, { idempotencyKey: 'full' })

const record = async (n: number): Promise<void> => {
  const [input, options] = fullDiskRecord(n)
  await hive.record(input, options)
  say(`acknowledged ${n}`)
}

let next = 0
try {
  for (;;) {
    const first = next
    next += 4
    await Promise.all([0, 1, 2, 3].map((offset) => record(first + offset)))
  }
} catch (error) {
  say(`refused ${codeOf(error)}`)
}
say(`again ${await record(next).then(() => 'recorded', codeOf)}`)
say(`read ${await hive.list({ limit: 1 }).then(({ items }) => items.length, codeOf)}`)
say(`closed ${await waggle.close().then(() => 'well', codeOf)}`)
