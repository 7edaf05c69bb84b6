/**
 * What is asked of the experiences in an index, column by column: searches read no record for a filter, an expiry or an
 * energy.
 */
import { experienceKinds, type DecayConfig } from '@waggle/protocol'
import { clampUnit, fade, lift } from '../memory/experience/energy.ts'
import type { ExperienceHead } from '../memory/experience/experience-head.ts'
import { totalApplications } from '../memory/experience/experience-rows.ts'
import { LabelColumn } from './label-column.ts'

/** What a row stands for. */
const standing = { none: 0, live: 1, archived: 2 } as const

/** What a row takes, labels aside. */
const ROW_BYTES = 2 + 6 * 8

export class ExperienceColumns {
  standing = new Uint8Array()
  /** Places in `experienceKinds`. */
  kind = new Uint8Array()
  importance = new Float64Array()
  confidence = new Float64Array()
  createdAt = new Float64Array()
  /** Infinity: never. */
  expiresAt = new Float64Array()
  /** Of 1 and the number of applications. */
  #logApplications = new Float64Array()
  #lastReinforced = new Float64Array()
  readonly domains = new LabelColumn()
  readonly files = new LabelColumn()
  readonly agents = new LabelColumn()
  readonly tasks = new LabelColumn()
  /** Rows of each standing but `none`. */
  readonly #standings = [0, 0, 0]
  /** Rows that expire. */
  #expiring = 0

  get capacity(): number {
    return this.standing.length
  }

  get bytes(): number {
    const labels = this.domains.bytes + this.files.bytes + this.agents.bytes + this.tasks.bytes
    return this.capacity * ROW_BYTES + labels
  }

  /** Experiences that are archived. */
  get archived(): number {
    return this.#standings[standing.archived] as number
  }

  get live(): number {
    return this.#standings[standing.live] as number
  }

  get expiring(): number {
    return this.#expiring
  }

  /** Makes room for rows below `capacity`. */
  grow(capacity: number): void {
    this.standing = grown(this.standing, new Uint8Array(capacity))
    this.kind = grown(this.kind, new Uint8Array(capacity))
    this.importance = grown(this.importance, new Float64Array(capacity))
    this.confidence = grown(this.confidence, new Float64Array(capacity))
    this.createdAt = grown(this.createdAt, new Float64Array(capacity))
    this.expiresAt = grown(this.expiresAt, new Float64Array(capacity).fill(Infinity))
    this.#logApplications = grown(this.#logApplications, new Float64Array(capacity))
    this.#lastReinforced = grown(this.#lastReinforced, new Float64Array(capacity))
    for (const labels of [this.domains, this.files, this.agents, this.tasks]) labels.grow(capacity)
  }

  set(row: number, record: ExperienceHead): void {
    this.#stand(row, record.archived ? standing.archived : standing.live)
    this.#expire(row, record.expiresAt ?? Infinity)
    this.kind[row] = experienceKinds.indexOf(record.type.kind)
    this.importance[row] = record.importance
    this.confidence[row] = record.confidence
    this.createdAt[row] = record.createdAt
    this.#logApplications[row] = Math.log(1 + totalApplications(record))
    this.#lastReinforced[row] = record.lastReinforced
    this.domains.set(row, record.domain)
    this.files.set(row, record.relatedFiles)
    this.agents.set(row, [record.sourceAgent])
    this.tasks.set(row, record.sourceTask === undefined ? [] : [record.sourceTask])
  }

  /** The row stands for no experience. */
  clear(row: number): void {
    if (this.standing[row] === standing.none) return
    this.#stand(row, standing.none)
    this.#expire(row, Infinity)
    this.importance[row] = 0
    for (const labels of [this.domains, this.files, this.agents, this.tasks]) labels.set(row, [])
  }

  /** An energy is never above it, and it is cheap. */
  energyMax(row: number, decay: DecayConfig): number {
    return clampUnit(Math.fround(this.#lift(row, decay)))
  }

  energy(row: number, nowMs: number, decay: DecayConfig): number {
    return fade(this.#lift(row, decay), nowMs - (this.#lastReinforced[row] as number), decay)
  }

  #lift(row: number, decay: DecayConfig): number {
    return lift(this.importance[row] as number, this.#logApplications[row] as number, decay)
  }

  #stand(row: number, after: number): void {
    const before = this.standing[row] as number
    this.#standings[before] = (this.#standings[before] as number) - 1
    this.#standings[after] = (this.#standings[after] as number) + 1
    this.standing[row] = after
  }

  #expire(row: number, after: number): void {
    this.#expiring += Number(after !== Infinity) - Number(this.expiresAt[row] !== Infinity)
    this.expiresAt[row] = after
  }
}

const grown = <Column extends Uint8Array | Float64Array>(column: Column, larger: Column): Column => {
  larger.set(column)
  return larger
}
