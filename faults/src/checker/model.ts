/** What a collective is at a sequence, by its log alone: the pure model that reads are compared with. */
import type { Change, Frame, SeenExperience } from '../history/entry.ts'

export class Model {
  readonly #changes: readonly Change[]
  readonly #frames: readonly Frame[]
  /** What writers called their experiences. */
  readonly #contents: ReadonlyMap<string, string>
  #changesTaken = 0
  #framesTaken = 0
  readonly #keys = new Map<string, string>()
  readonly #applications = new Map<string, number>()

  constructor(changes: readonly Change[], frames: readonly Frame[], contents: ReadonlyMap<string, string>) {
    this.#changes = changes
    this.#frames = frames
    this.#contents = contents
  }

  /** Goes on to the state at that sequence; it never goes back. */
  advance(sequence: number): void {
    for (let next = this.#changes[this.#changesTaken]; next !== undefined && next.sequence <= sequence;) {
      this.#apply(next)
      next = this.#changes[(this.#changesTaken += 1)]
    }
    for (let next = this.#frames[this.#framesTaken]; next !== undefined && next.sequence <= sequence;) {
      for (const [key, value] of next.entries) this.#keys.set(key, value)
      for (const key of next.deleted) this.#keys.delete(key)
      next = this.#frames[(this.#framesTaken += 1)]
    }
  }

  get count(): number {
    return this.#applications.size
  }

  value(key: string): string | null {
    return this.#keys.get(key) ?? null
  }

  keys(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#keys)
  }

  /** `content` is unknown where its writer was never answered: then whatever is there is right. */
  experience(id: string): { readonly content: string | undefined; readonly applications: number } | null {
    const applications = this.#applications.get(id)
    return applications === undefined ? null : { content: this.#contents.get(id), applications }
  }

  experiences(): readonly string[] {
    return [...this.#applications.keys()]
  }

  #apply({ entity, change, id }: Change): void {
    if (entity !== 'experience') return
    if (change === 'created') this.#applications.set(id, 0)
    else if (change === 'deleted') this.#applications.delete(id)
    else if (change === 'updated') this.#applications.set(id, (this.#applications.get(id) ?? 0) + 1)
  }
}

export const isSameExperience = (
  seen: SeenExperience | undefined,
  expected: ReturnType<Model['experience']>,
): boolean => {
  if (seen === null || seen === undefined || expected === null) return (seen ?? null) === expected
  if (expected.content !== undefined && seen.content !== expected.content) return false
  return seen.applications === expected.applications
}
