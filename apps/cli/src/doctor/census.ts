/** What a collective really holds, to be compared with what it says of itself. */
import { hexOf, sha256Stream, utf8 } from '@waggle/kernel'
import type { CollectiveStats, Experience, Insight } from '@waggle/sdk'
import { exportLines } from '../export/export-lines.ts'
import { count, counted } from '../terminal/layout.ts'
import type { RecordPage } from '../whole-collective.ts'

/** Enough of a SHA-256 to compare two stores by eye. */
const DIGEST_DIGITS = 16

export class Census {
  readonly #dimension: number
  readonly #hash = sha256Stream()
  readonly #counts = { experience: 0, relation: 0, insight: 0 }
  #archived = 0
  #badVectors = 0

  constructor(dimension: number) {
    this.#dimension = dimension
  }

  take(page: RecordPage): void {
    this.#counts[page.entity] += page.items.length
    if (page.entity === 'experience') this.#archived += page.items.filter(({ archived }) => archived).length
    if (page.entity !== 'relation') this.#badVectors += page.items.filter((item) => !this.#hasVector(item)).length
    for (const line of exportLines(page)) this.#hash.update(utf8(line))
  }

  /** `2 experiences, 1 relation`. */
  summary(): string {
    const { experience, ...others } = this.#counts
    const more = Object.entries(others).filter(([, number]) => number > 0)
    return [counted(experience, 'experience'), ...more.map(([noun, number]) => counted(number, noun))].join(', ')
  }

  /** Equal for two collectives exactly when their exports are equal. */
  digest(): string {
    return hexOf(this.#hash.digest()).slice(0, DIGEST_DIGITS)
  }

  defects(stats: CollectiveStats): readonly string[] {
    const { experience, relation, insight } = this.#counts
    const figures: readonly [number, string, number][] = [
      [experience, 'experiences', stats.experienceCount],
      [this.#archived, 'archived experiences', stats.archivedCount],
      [relation, 'relations', stats.relationCount],
      [insight, 'insights', stats.insightCount],
    ]
    return [
      ...figures
        .filter(([found, , said]) => found !== said)
        .map(([found, noun, said]) => `${count(found)} ${noun}, the store counts ${count(said)}`),
      ...(this.#badVectors === 0 ? [] : [`${counted(this.#badVectors, 'embedding')} of the wrong form`]),
    ]
  }

  #hasVector({ embedding }: Experience | Insight): boolean {
    return embedding?.length === this.#dimension && embedding.every((component) => Number.isFinite(component))
  }
}
