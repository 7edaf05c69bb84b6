/**
 * Ways through relations, breadth first.
 *
 * W1  Work is bounded: each relation that is looked at counts, however often it is met; at `budget` the search ends.
 * W2  Shortest first; among ways of one length those whose relations came first.
 * W3  Without `to` each experience that can be reached has one shortest path; with it, every path that meets no
 *     experience twice.
 * W4  `truncated` is true exactly when the budget, the limit or the size of a reply ended the search: when something
 *     within `maxDepth` was not looked at, or not told.
 */
import { limits, type ExperienceId, type RelationId, type RelationPath, type RequestOf } from '@waggle/protocol'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { isLiveExperience } from '../experience/experience-rows.ts'
import { sizeOnWire } from '../pages.ts'
import { checkEnd, type When } from './link-checks.ts'
import { liveRelations } from './live-relations.ts'
import {
  incomingOf,
  linkedRelation,
  matchesRelation,
  outgoingOf,
  relationOf,
  type RelationRow,
} from './relation-rows.ts'

type PathRequest = RequestOf<'relation.paths'>

/** A place on a way, and how one came there. Ids alone: a way may be long and its relations' texts large. */
interface Step {
  readonly experience: ExperienceId
  readonly depth: number
  readonly arrival?: { readonly relation: RelationId; readonly before: Step }
}

/** @throws Fault `NOT_FOUND` for `from` */
export const pathsFrom = (
  state: StateView,
  when: When,
  request: PathRequest,
): { readonly paths: readonly RelationPath[]; readonly truncated: boolean } => {
  const { from, to } = request
  const { scope, atMs } = when
  checkEnd(state, when, from, 'from')
  // No path leads to nothing, and none back to where it began.
  if (to !== undefined && (to === from || !isLiveExperience(state, scope, to, atMs)))
    return { paths: [], truncated: false }
  const search = new Search(state, when, request)
  return { paths: search.paths, truncated: search.run() === 'cut short' }
}

type End = 'everything seen' | 'cut short'

class Search {
  readonly paths: RelationPath[] = []
  readonly #state: StateView
  readonly #scope: Scope
  readonly #request: PathRequest
  readonly #isLive: (row: RelationRow) => boolean
  /** W3. Without `to`: what a path leads to already. */
  readonly #reached: Set<ExperienceId>
  #looks = 0
  #bytes = 0

  constructor(state: StateView, { scope, atMs }: When, request: PathRequest) {
    this.#state = state
    this.#scope = scope
    this.#request = request
    this.#isLive = liveRelations(state, scope, atMs)
    this.#reached = new Set([request.from])
  }

  /** W2: what is reached first is walked on from first. */
  run(): End {
    const { from, maxDepth } = this.#request
    const steps: Step[] = [{ experience: from, depth: 0 }]
    for (const step of steps) if (step.depth < maxDepth && this.#walkOn(step, steps) === 'cut short') return 'cut short'
    return 'everything seen'
  }

  #walkOn(before: Step, steps: Step[]): End {
    const { budget, to, types, minStrength } = this.#request
    for (const id of this.#linksOf(before.experience)) {
      // W1, W4.
      if (this.#looks === budget) return 'cut short'
      this.#looks += 1
      const relation = linkedRelation(this.#state, this.#scope, id)
      if (!this.#isLive(relation) || !matchesRelation(relation, types, minStrength)) continue
      const experience = relation.source === before.experience ? relation.target : relation.source
      if (to === undefined ? this.#reached.has(experience) : isOnWay(before, experience)) continue
      this.#reached.add(experience)
      const step: Step = { experience, depth: before.depth + 1, arrival: { relation: id, before } }
      const isFound = to === undefined || experience === to
      if (isFound && !this.#tell(step)) return 'cut short'
      if (experience !== to) steps.push(step)
    }
    return 'everything seen'
  }

  #linksOf(id: ExperienceId): readonly RelationId[] {
    const { direction } = this.#request
    return [
      ...(direction === 'incoming' ? [] : outgoingOf(this.#state, this.#scope, id)),
      ...(direction === 'outgoing' ? [] : incomingOf(this.#state, this.#scope, id)),
    ]
  }

  /** Adds the way to a step; `false` when there is no room for it (W4). */
  #tell(step: Step): boolean {
    if (this.paths.length === this.#request.limit || this.#bytes >= limits.PAGE_BYTES_MAX) return false
    const path = this.#pathTo(step)
    this.paths.push(path)
    this.#bytes += sizeOnWire(path)
    return true
  }

  #pathTo(last: Step): RelationPath {
    const path: { readonly experiences: ExperienceId[]; readonly relations: RelationId[] } = {
      experiences: [last.experience],
      relations: [],
    }
    for (let { arrival } = last; arrival !== undefined; { arrival } = arrival.before) {
      path.experiences.push(arrival.before.experience)
      path.relations.push(arrival.relation)
    }
    const { collective } = this.#request
    return {
      experiences: path.experiences.reverse(),
      relations: path.relations
        .reverse()
        .map((id) => relationOf(collective, linkedRelation(this.#state, this.#scope, id))),
    }
  }
}

const isOnWay = (last: Step, experience: ExperienceId): boolean => {
  for (let step: Step | undefined = last; step !== undefined; step = step.arrival?.before)
    if (step.experience === experience) return true
  return false
}
