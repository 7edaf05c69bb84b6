/**
 * The process that is killed: writes records until it is, and says of each one on stdout that it was acknowledged, in
 * the moment it was. A pipe keeps what a killed process has written into it.
 */
import type { CollectiveHandle } from '@waggle/sdk'
import { openStore, type Task } from '../task.ts'

const CRASH_COLLECTIVE = 'crash'
/** The least that the offline embedder takes: this is about writes, not about vectors. */
const DIMENSION = 64
const WRITERS = 16
/** Long before this many, the process is dead. */
const RECORDS_MAX = 100_000

export const openCrashCollective = async (waggle: Awaited<ReturnType<typeof openStore>>): Promise<CollectiveHandle> =>
  waggle.getOrCreateCollective({ name: CRASH_COLLECTIVE, dimension: DIMENSION, embedder: 'hashing' })

/** The same number is the same write, whoever sends it. */
export const writeNumber = async (hive: CollectiveHandle, number: number): Promise<void> => {
  await hive.record({ content: contentOf(number), sourceAgent: 'crash-agent' }, { idempotencyKey: `crash-${number}` })
}

export const contentOf = (number: number): string => `observation number ${number}`

export const writeUntilKilled = async (task: Task): Promise<void> => {
  const waggle = await openStore(task)
  const hive = await openCrashCollective(waggle)
  let next = 0
  const writer = async (): Promise<void> => {
    while (next < RECORDS_MAX && !task.host.interrupted.aborted) {
      const number = next
      next += 1
      await writeNumber(hive, number)
      await task.output.write(`${number}\n`)
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, writer))
  await waggle.close()
}
