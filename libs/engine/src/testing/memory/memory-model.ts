/**
 * The memory of one collective as plainly as it can be said: maps, lists, and what its writes answer. Tests do the same
 * with it and with a store, and compare.
 */
import type { MemoryCommand, Told } from './memory-command.ts'

interface ExperienceModel {
  importance: number
  archived: boolean
  applications: number
  version: number
}

interface RelationModel {
  readonly source: string
  readonly target: string
  readonly type: string
}

interface InsightModel {
  readonly sources: readonly string[]
  readonly lostSources: readonly string[]
}

/** What can be read back; lists are in their order. */
export interface MemoryState {
  readonly experiences: readonly (readonly [string, ExperienceModel])[]
  readonly relations: readonly (readonly [string, RelationModel])[]
  readonly insights: readonly (readonly [string, InsightModel])[]
  readonly activities: readonly (readonly [string, string])[]
  /** Every change since the collective was created, as `entity kind id`. */
  readonly changes: readonly string[]
}

/** A refusal of the model. */
class Refusal extends Error {}

export class MemoryModel {
  #experiences = new Map<string, ExperienceModel>()
  #relations = new Map<string, RelationModel>()
  #insights = new Map<string, InsightModel>()
  #activities = new Map<string, string>()
  #changes: string[] = []

  get state(): MemoryState {
    return structuredClone({
      experiences: [...this.#experiences],
      relations: [...this.#relations],
      insights: [...this.#insights],
      activities: [...this.#activities].sort(byName),
      changes: this.#changes,
    })
  }

  /** What the command is told. A refused one changes nothing, also when it is a batch. */
  take(command: MemoryCommand): Told {
    const before = this.#copy()
    try {
      return JSON.stringify(this.#do(command))
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      this.#restore(before)
      return error.message
    }
  }

  #do(command: MemoryCommand): object {
    switch (command.operation) {
      case 'experience.record':
        refuseIf(this.#experiences.has(command.id), 'ALREADY_EXISTS')
        this.#experiences.set(command.id, { importance: 0.5, archived: false, applications: 0, version: 1 })
        return this.#changed('experience', 'created', command.id, { id: command.id })
      case 'experience.update': {
        const { importance } = command.patch
        this.#change(command.id, { importance })
        return this.#changed('experience', 'updated', command.id, { version: this.#found(command.id).version })
      }
      case 'experience.archive':
      case 'experience.unarchive':
        return this.#setArchived(command.id, command.operation === 'experience.archive')
      case 'experience.reinforce': {
        const { applications, version } = this.#found(command.id)
        this.#change(command.id, { applications: applications + 1 })
        const result = { applications: applications + 1, version: version + 1 }
        return this.#changed('experience', 'updated', command.id, result)
      }
      case 'experience.delete':
        return this.#deleteExperience(command.id)
      case 'relation.create':
        return this.#relate(command)
      case 'relation.delete':
        refuseIf(!this.#relations.delete(command.id), 'NOT_FOUND')
        return this.#changed('relation', 'deleted', command.id, {})
      case 'insight.store':
        refuseIf(!command.sources.every((source) => this.#experiences.has(source)), 'NOT_FOUND')
        refuseIf(this.#insights.has(command.id), 'ALREADY_EXISTS')
        this.#insights.set(command.id, { sources: command.sources, lostSources: [] })
        return this.#changed('insight', 'created', command.id, { id: command.id })
      case 'insight.delete':
        refuseIf(!this.#insights.delete(command.id), 'NOT_FOUND')
        return this.#changed('insight', 'deleted', command.id, {})
      case 'activity.register':
        this.#activities.set(command.agent, command.task)
        return {}
      case 'activity.heartbeat':
        refuseIf(!this.#activities.has(command.agent), 'NOT_FOUND')
        return {}
      case 'activity.end':
        refuseIf(!this.#activities.delete(command.agent), 'NOT_FOUND')
        return {}
      case 'batch.commit':
        return { results: command.commands.map((each) => this.#do(each)) }
    }
  }

  #relate(command: Extract<MemoryCommand, { operation: 'relation.create' }>): object {
    const { id, source, target, type } = command
    refuseIf(source === target, 'INVALID_FIELD')
    refuseIf(!this.#experiences.has(source) || !this.#experiences.has(target), 'NOT_FOUND')
    const same = [...this.#relations.values()].some(
      (other) => other.source === source && other.target === target && other.type === type,
    )
    refuseIf(same || this.#relations.has(id), 'ALREADY_EXISTS')
    this.#relations.set(id, { source, target, type })
    return this.#changed('relation', 'created', id, { id })
  }

  #deleteExperience(id: string): object {
    this.#found(id)
    for (const end of ['source', 'target'] as const)
      for (const [relation, ends] of [...this.#relations])
        if (ends[end] === id) {
          this.#relations.delete(relation)
          this.#changed('relation', 'deleted', relation, {})
        }
    for (const [insight, { sources, lostSources }] of [...this.#insights])
      if (sources.includes(id) && !lostSources.includes(id)) {
        this.#insights.set(insight, { sources, lostSources: [...lostSources, id] })
        this.#changed('insight', 'updated', insight, {})
      }
    this.#experiences.delete(id)
    return this.#changed('experience', 'deleted', id, {})
  }

  #setArchived(id: string, archived: boolean): object {
    const found = this.#found(id)
    if (found.archived === archived) return { version: found.version }
    this.#change(id, { archived })
    return this.#changed('experience', archived ? 'archived' : 'updated', id, { version: found.version + 1 })
  }

  #found(id: string): ExperienceModel {
    const found = this.#experiences.get(id)
    if (found === undefined) throw new Refusal('NOT_FOUND')
    return found
  }

  #change(id: string, fields: Partial<ExperienceModel>): void {
    const before = this.#found(id)
    this.#experiences.set(id, { ...before, ...fields, version: before.version + 1 })
  }

  #changed(entity: string, kind: string, id: string, result: object): object {
    this.#changes.push(`${entity} ${kind} ${id}`)
    return result
  }

  #copy(): Parts {
    return structuredClone([this.#experiences, this.#relations, this.#insights, this.#activities, this.#changes])
  }

  #restore(parts: Parts): void {
    ;[this.#experiences, this.#relations, this.#insights, this.#activities, this.#changes] = parts
  }
}

type Parts = [
  Map<string, ExperienceModel>,
  Map<string, RelationModel>,
  Map<string, InsightModel>,
  Map<string, string>,
  string[],
]

const refuseIf = (condition: boolean, code: string): void => {
  if (condition) throw new Refusal(code)
}

const byName = ([left]: readonly [string, string], [right]: readonly [string, string]): number =>
  left < right ? -1 : 1
