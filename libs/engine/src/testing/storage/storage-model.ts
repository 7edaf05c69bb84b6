/** The storage port as plain lists: what a history of commands must have led to. */
import type { Uuid } from '@waggle/kernel'
import type { Activity, Collective } from '@waggle/protocol'
import type { DerivedInsight, ExperienceRelation, StoredExperience } from '../../storage-port/storage-records.ts'
import { recordOf, type StorageCommand, type Told } from './storage-command.ts'

interface Logged {
  readonly collective: Uuid
  readonly told: string
  readonly place: number
}

/** Something that has a place in the log, which it keeps when it is saved again. */
interface Placed<Value> {
  value: Value
  readonly place: number
}

export class StorageModel {
  readonly collectives = new Map<Uuid, Placed<Collective>>()
  readonly experiences = new Map<Uuid, Placed<StoredExperience>>()
  relations: { value: ExperienceRelation; readonly collective: Uuid; readonly place: number }[] = []
  /** In the order in which they were saved. */
  insights: { value: DerivedInsight; readonly place: number; readonly lost: Set<Uuid> }[] = []
  activities: Activity[] = []
  #log: Logged[] = []
  #place = 0
  #nowMs = 0
  readonly #instance: Uuid

  constructor(instance: Uuid) {
    this.#instance = instance
  }

  /** `created experience …` of all that the log still tells. */
  get log(): readonly string[] {
    return this.#log.toSorted((left, right) => left.place - right.place).map(({ told }) => told)
  }

  run(command: StorageCommand, nowMs: number): Told {
    this.#nowMs = nowMs
    switch (command.kind) {
      case 'saveCollective':
        return this.#saveCollective(recordOf.collective(command))
      case 'deleteCollective':
        return this.#deleteCollective(command.id)
      case 'saveExperience':
        return this.#saveExperience(recordOf.experience(command))
      case 'updateExperience':
        return this.#change(command.id, ({ value }) => ({ ...value, importance: command.importance })) !== undefined
      case 'reinforceExperience':
        return this.#reinforce(command.id)
      case 'deleteExperience':
        return this.#deleteExperience(command.id)
      case 'saveEmbedding':
        return this.#change(command.id, ({ value }) => ({ ...value, embedding: recordOf.vector(command) })) ===
          undefined
          ? 'NOT_FOUND'
          : undefined
      case 'saveRelation':
        return this.#saveRelation(recordOf.relation(command))
      case 'deleteRelation':
        return this.#deleteRelations((relation) => relation.id === command.id) > 0
      case 'deleteRelationsForExperience':
        return this.#deleteRelationsOf(command.id)
      case 'saveInsight':
        return this.#saveInsight(recordOf.insight(command))
      case 'deleteInsight':
        return this.#deleteInsights(({ value }) => value.id === command.id) > 0
      case 'saveActivity':
        return this.#saveActivity(recordOf.activity(command))
      case 'deleteActivity':
        return this.#deleteActivities(command.collective, [command.agent]) > 0
      case 'deleteExperiencesByCollective':
        return this.experiencesOf(command.id).filter(({ id }) => this.#deleteExperience(id)).length
      case 'deleteInsightsByCollective':
        return this.#deleteInsights(({ value }) => value.collective === command.id)
      case 'deleteActivitiesByCollective':
        return this.#deleteActivities(command.id, undefined)
    }
  }

  /** In their order. */
  experiencesOf(collective: Uuid): readonly StoredExperience[] {
    return [...this.experiences.values()]
      .filter(({ value }) => value.collective === collective)
      .sort((left, right) => left.value.timestamp - right.value.timestamp || left.place - right.place)
      .map(({ value }) => value)
  }

  insightsOf(collective: Uuid): readonly DerivedInsight[] {
    return this.insights
      .filter(({ value }) => value.collective === collective)
      .sort((left, right) => left.value.createdAt - right.value.createdAt || left.place - right.place)
      .map(({ value }) => value)
  }

  outgoing(id: Uuid): readonly ExperienceRelation[] {
    return this.#relationsOf(({ source }) => source === id)
  }

  incoming(id: Uuid): readonly ExperienceRelation[] {
    return this.#relationsOf(({ target }) => target === id)
  }

  #relationsOf(matches: (relation: ExperienceRelation) => boolean): readonly ExperienceRelation[] {
    return this.relations
      .filter(({ value }) => matches(value))
      .sort((left, right) => left.value.createdAt - right.value.createdAt || left.place - right.place)
      .map(({ value }) => value)
  }

  #tell(collective: Uuid, told: string): number {
    this.#log.push({ collective, told, place: (this.#place += 1) })
    return this.#place
  }

  #saveCollective(value: Collective): Told {
    const place = this.#tell(value.id, `created collective ${value.id}`)
    this.collectives.set(value.id, { value, place: this.collectives.get(value.id)?.place ?? place })
    return undefined
  }

  #deleteCollective(id: Uuid): Told {
    if (!this.collectives.delete(id)) return false
    for (const { id: experience } of this.experiencesOf(id)) this.experiences.delete(experience)
    this.relations = this.relations.filter(({ collective }) => collective !== id)
    this.insights = this.insights.filter(({ value }) => value.collective !== id)
    this.activities = this.activities.filter(({ collective }) => collective !== id)
    this.#log = this.#log.filter(({ collective, told }) => collective !== id || told === `deleted collective ${id}`)
    this.#tell(id, `deleted collective ${id}`)
    return true
  }

  #saveExperience(value: StoredExperience): Told {
    const before = this.experiences.get(value.id)
    if (before !== undefined && before.value.collective !== value.collective) return 'INVALID_FIELD'
    if (!this.collectives.has(value.collective)) return 'NOT_FOUND'
    const place = this.#tell(value.collective, `created experience ${value.id}`)
    this.experiences.set(value.id, { value, place: before?.place ?? place })
    return undefined
  }

  #change(id: Uuid, change: (found: Placed<StoredExperience>) => StoredExperience): StoredExperience | undefined {
    const found = this.experiences.get(id)
    if (found === undefined) return undefined
    found.value = change(found)
    this.#tell(found.value.collective, `updated experience ${id}`)
    return found.value
  }

  #reinforce(id: Uuid): Told {
    return this.#change(id, ({ value }) => {
      const count = (value.applications[this.#instance] ?? 0) + 1
      return { ...value, lastReinforced: this.#nowMs, applications: { ...value.applications, [this.#instance]: count } }
    })?.applications[this.#instance]
  }

  #deleteExperience(id: Uuid): boolean {
    const found = this.experiences.get(id)
    if (found === undefined) return false
    this.#deleteRelationsOf(id)
    for (const insight of this.insights) {
      const { value, lost } = insight
      if (value.collective === found.value.collective && value.sources.includes(id) && !lost.has(id)) {
        lost.add(id)
        insight.value = { ...value, updatedAt: this.#nowMs }
        this.#tell(value.collective, `updated insight ${value.id}`)
      }
    }
    this.experiences.delete(id)
    this.#tell(found.value.collective, `deleted experience ${id}`)
    return true
  }

  #saveRelation(value: ExperienceRelation): Told {
    const { id, source, target, type } = value
    const collective = this.experiences.get(source)?.value.collective
    const before = this.relations.find((each) => each.value.id === id)
    if (collective === undefined) return 'NOT_FOUND'
    if (before !== undefined && before.collective !== collective) return 'INVALID_FIELD'
    if (source === target) return 'INVALID_FIELD'
    if (this.experiences.get(target)?.value.collective !== collective) return 'NOT_FOUND'
    const same = this.outgoing(source).find((each) => each.target === target && each.type === type)
    if (same !== undefined && same.id !== id) return 'ALREADY_EXISTS'
    const place = this.#tell(collective, `created relation ${id}`)
    const others = this.relations.filter((each) => each !== before)
    this.relations = [...others, { value, collective, place: before?.place ?? place }]
    return undefined
  }

  #deleteRelationsOf(id: Uuid): number {
    const touching = [...this.outgoing(id), ...this.incoming(id)]
    for (const each of touching) this.#deleteRelations((relation) => relation.id === each.id)
    return touching.length
  }

  #deleteRelations(matches: (relation: ExperienceRelation) => boolean): number {
    const going = this.relations.filter(({ value }) => matches(value))
    this.relations = this.relations.filter(({ value }) => !matches(value))
    for (const { collective, value } of going) this.#tell(collective, `deleted relation ${value.id}`)
    return going.length
  }

  #saveInsight(value: DerivedInsight): Told {
    const before = this.insights.find((each) => each.value.id === value.id)
    if (before !== undefined && before.value.collective !== value.collective) return 'INVALID_FIELD'
    if (!this.collectives.has(value.collective)) return 'NOT_FOUND'
    const isThere = (source: Uuid) => this.experiences.get(source)?.value.collective === value.collective
    const lost = new Set(value.sources.filter((source) => !isThere(source)))
    const place = this.#tell(value.collective, `created insight ${value.id}`)
    const others = this.insights.filter((each) => each !== before)
    this.insights = [...others, { value, place: before?.place ?? place, lost }]
    return undefined
  }

  #deleteInsights(matches: (insight: { readonly value: DerivedInsight }) => boolean): number {
    const going = this.insights
      .filter(matches)
      .sort((left, right) => left.value.createdAt - right.value.createdAt || left.place - right.place)
    this.insights = this.insights.filter((insight) => !matches(insight))
    for (const { value } of going) this.#tell(value.collective, `deleted insight ${value.id}`)
    return going.length
  }

  #saveActivity(activity: Activity): Told {
    const { agent, collective } = activity
    if (!this.collectives.has(collective)) return 'NOT_FOUND'
    this.#deleteActivities(collective, [agent])
    this.activities = [...this.activities, activity].sort((left, right) => (left.agent < right.agent ? -1 : 1))
    return undefined
  }

  #deleteActivities(collective: Uuid, agents: readonly string[] | undefined): number {
    const before = this.activities.length
    const goes = (activity: Activity) =>
      activity.collective === collective && (agents === undefined || agents.includes(activity.agent))
    this.activities = this.activities.filter((activity) => !goes(activity))
    return before - this.activities.length
  }
}
