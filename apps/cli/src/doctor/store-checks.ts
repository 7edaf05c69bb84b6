/**
 * Examinations of the store itself. Opening it verifies its files; what it then says of itself is compared with what it
 * holds, by reading every record with its embedding.
 */
import { isFault } from '@waggle/kernel'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { stopIfInterrupted, openStore, type Task } from '../task.ts'
import { count, duration } from '../terminal/layout.ts'
import { oneLine } from '../terminal/text.ts'
import { wholeCollective } from '../whole-collective.ts'
import { Census } from './census.ts'
import { refused, type Finding } from './finding.ts'

/** Findings one by one, since reading everything may take its time. */
export async function* checkStore(task: Task, acceptLoss: boolean): AsyncGenerator<Finding> {
  const { clock } = task.host
  const startedMs = clock.monotonicMs()
  let waggle: Waggle
  try {
    waggle = await openStore(task, { acceptLoss })
  } catch (error) {
    yield refusedOpening(error)
    return
  }
  try {
    yield { check: 'lock', state: 'ok', text: 'nobody else holds the folder' }
    const text = `its files are whole; verified and opened in ${duration(clock.monotonicMs() - startedMs)}`
    yield { check: 'store', state: 'ok', text }
    yield* checkCollectives(task, waggle)
  } finally {
    await waggle.close()
  }
}

const refusedOpening = (error: unknown): Finding => {
  if (!isFault(error)) return refused('store', error)
  if (error.code === 'DATABASE_LOCKED') return refused('lock', error)
  if (error.details.acceptable !== true) return refused('store', error)
  const hint = 'Restore the folder from a copy, or give these writes up: waggle doctor --accept-loss'
  return { ...refused('store', error), hint }
}

async function* checkCollectives(task: Task, waggle: Waggle): AsyncGenerator<Finding> {
  const collectives = await waggle.collectives()
  yield { check: 'collectives', state: 'ok', text: count(collectives.length) }
  for (const { id, name } of collectives) {
    const check = oneLine(name)
    try {
      yield await checkCollective(task, check, await waggle.collective(id))
    } catch (error) {
      if (!isFault(error)) throw error
      yield refused(check, error)
    }
  }
}

const checkCollective = async (task: Task, check: string, hive: CollectiveHandle): Promise<Finding> => {
  const { clock } = task.host
  const startedMs = clock.monotonicMs()
  const census = new Census(hive.dimension)
  const { experienceCount, relationCount, insightCount } = await hive.stats()
  const total = experienceCount + relationCount + insightCount
  const reporter = task.output.reporter(`reading ${check}`, 'records')
  let done = 0
  for await (const page of wholeCollective(hive)) {
    stopIfInterrupted(task)
    census.take(page)
    done += page.items.length
    reporter.progress(done, total === 0 ? 1 : done / total)
  }
  reporter.end()
  const defects = census.defects(await hive.stats())
  const took = duration(clock.monotonicMs() - startedMs)
  const text = `${census.summary()}, digest ${census.digest()}, read in ${took}`
  if (defects.length === 0) return { check, state: 'ok', text }
  const hint = 'Export what can be read, keep the folder as it is, and report it.'
  return { check, state: 'fail', text: `${text}; ${defects.join('; ')}`, hint }
}
