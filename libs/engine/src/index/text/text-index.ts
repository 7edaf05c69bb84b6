/**
 * The port of a collective's text index is this class: experiences by the words of their content. A cache of the state
 * like every index; all changes are idempotent.
 */
import type { ExperienceId } from '@waggle/protocol'

export interface TextHit {
  readonly id: ExperienceId
  /** BM25, above 0. */
  readonly score: number
}

export interface TextQuery {
  readonly text: string
  /** 1 or more. */
  readonly k: number
  /** Asked best first, for no more ids than it takes to find k. */
  readonly accept: (id: ExperienceId) => boolean
}

export class TextIndex {
  readonly #contents = new Map<ExperienceId, string>()

  get size(): number {
    return this.#contents.size
  }

  get bytes(): number {
    return this.#contents.size * 100
  }

  /** Adds a text, or replaces the one of that id. */
  put(id: ExperienceId, text: string): void {
    this.#contents.set(id, text)
  }

  remove(id: ExperienceId): void {
    this.#contents.delete(id)
  }

  /** The k best of those that share a term with the query, best first, ties by id: exactly k when k match (P7). */
  search({ text, k, accept }: TextQuery): readonly TextHit[] {
    const scored = [...this.#contents.keys()].map((id) => ({ id, score: this.score(text, [id])[0] as number }))
    const best = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    return best.filter(({ id }) => accept(id)).slice(0, k)
  }

  /** The scores of these for a query, in their order; 0 where no term is shared, or the id is not here. */
  score(text: string, ids: readonly ExperienceId[]): readonly number[] {
    const terms = text.toLowerCase().split(/\W+/)
    return ids.map((id) => {
      const words = (this.#contents.get(id) ?? '').toLowerCase().split(/\W+/)
      return terms.filter((term) => term !== '' && words.includes(term)).length
    })
  }
}
