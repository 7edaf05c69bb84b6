/**
 * Examinations of the store itself. Opening it verifies its files; what it then says of itself is compared with what it
 * holds, by reading every record with its embedding.
 */
import { hexOf, isFault, sha256Stream, utf8 } from '@waggle/kernel'
import type { Experience } from '@waggle/protocol'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { exportLine } from '../experience-form.ts'
import { stopIfInterrupted, openStore, type Task } from '../task.ts'
import { count, counted, duration, oneLine, shorten } from '../terminal/layout.ts'
import { refused, type Finding } from './finding.ts'

const PAGE_RECORDS = 500
/** Enough of a SHA-256 to compare two stores by eye. */
const DIGEST_DIGITS = 16

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
    const check = shorten(oneLine(name), 24)
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
  let cursor: string | undefined
  do {
    stopIfInterrupted(task)
    const page = await hive.list({ limit: PAGE_RECORDS, include: ['embedding'], cursor })
    for (const experience of page.items) census.take(experience)
    cursor = page.cursor
  } while (cursor !== undefined)
  const defects = census.defects(await hive.stats())
  const took = duration(clock.monotonicMs() - startedMs)
  const text = `${counted(census.count, 'experience')}, digest ${census.digest()}, read in ${took}`
  if (defects.length === 0) return { check, state: 'ok', text }
  const hint = 'Export what can be read, keep the folder as it is, and report it.'
  return { check, state: 'fail', text: `${text}; ${defects.join('; ')}`, hint }
}

/** What a collective really holds. */
class Census {
  readonly #dimension: number
  readonly #hash = sha256Stream()
  #count = 0
  #archived = 0
  #badVectors = 0

  constructor(dimension: number) {
    this.#dimension = dimension
  }

  get count(): number {
    return this.#count
  }

  take(experience: Experience): void {
    const { embedding, archived } = experience
    this.#count += 1
    if (archived) this.#archived += 1
    const isWhole = embedding?.length === this.#dimension && embedding.every((component) => Number.isFinite(component))
    if (!isWhole) this.#badVectors += 1
    this.#hash.update(utf8(`${exportLine(experience)}\n`))
  }

  /** Equal for two collectives exactly when their exports are equal. */
  digest(): string {
    return hexOf(this.#hash.digest()).slice(0, DIGEST_DIGITS)
  }

  defects(stats: { readonly experienceCount: number; readonly archivedCount: number }): readonly string[] {
    const { experienceCount, archivedCount } = stats
    return [
      ...(experienceCount === this.#count ? [] : [`the store counts ${count(experienceCount)}`]),
      ...(archivedCount === this.#archived
        ? []
        : [`${count(this.#archived)} are archived, the store counts ${count(archivedCount)}`]),
      ...(this.#badVectors === 0 ? [] : [`${counted(this.#badVectors, 'embedding')} of the wrong form`]),
    ]
  }
}
