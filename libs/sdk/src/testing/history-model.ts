/** A store as plainly as it can be said: what its writes answer and leave behind. */
import type { PatchInput } from '../inputs.ts'
import { givenId } from './samples.ts'

export interface ModelRecord {
  readonly content: string
  readonly importance: number
  readonly domain: readonly string[]
  readonly archived: boolean
  readonly applications: number
  readonly version: number
}

/** One write, as data: the model and the store do the same with it. */
export type Write =
  | { readonly kind: 'record'; readonly id: number; readonly content: string }
  | { readonly kind: 'recordMany'; readonly ids: readonly number[]; readonly content: string }
  | { readonly kind: 'update'; readonly id: number; readonly patch: PatchInput; readonly ifVersion: number | undefined }
  | { readonly kind: 'archive' | 'unarchive' | 'reinforce' | 'delete'; readonly id: number }

export interface KeyedWrite {
  readonly write: Write
  /** Few keys, so that they meet again: with the same write, and with others. */
  readonly key: string
}

/** What a caller is told, as one text. */
export type Told = string

export class Model {
  /** In order of recording. */
  readonly #records: Map<number, ModelRecord>
  readonly #told: Map<string, { readonly request: string; readonly told: Told }>

  /** @param other whose copy it is */
  constructor(other?: Model) {
    this.#records = new Map(other?.records)
    this.#told = new Map(other === undefined ? [] : other.#told)
  }

  take({ write, key }: KeyedWrite): Told {
    const [scope, request] = [`${write.kind} ${key}`, JSON.stringify(write)]
    const before = this.#told.get(scope)
    if (before !== undefined) return before.request === request ? before.told : 'IDEMPOTENCY_KEY_REUSED'
    const told = this.#decide(write)
    this.#told.set(scope, { request, told })
    return told
  }

  get records(): readonly (readonly [number, ModelRecord])[] {
    return [...this.#records]
  }

  /** All of it as one text: equal models have equal ones. */
  get state(): string {
    return JSON.stringify([this.records, [...this.#told].sort(([left], [right]) => (left < right ? -1 : 1))])
  }

  #decide(write: Write): Told {
    if (write.kind === 'record') return this.#insert([write.id], write.content)
    if (write.kind === 'recordMany') return this.#insert(write.ids, write.content)
    const record = this.#records.get(write.id)
    if (record === undefined) return 'NOT_FOUND'
    switch (write.kind) {
      case 'update':
        if (write.ifVersion !== undefined && write.ifVersion !== record.version) return 'VERSION_MISMATCH'
        return this.#change(write.id, write.patch as Partial<ModelRecord>)
      case 'archive':
      case 'unarchive': {
        const archived = write.kind === 'archive'
        return this.#change(write.id, archived === record.archived ? {} : { archived })
      }
      case 'reinforce':
        this.#change(write.id, { applications: record.applications + 1 })
        return `applications ${record.applications + 1}`
      case 'delete':
        this.#records.delete(write.id)
        return 'done'
    }
  }

  #insert(ids: readonly number[], content: string): Told {
    const isTaken = ids.some((each, index) => this.#records.has(each) || ids.indexOf(each) !== index)
    if (isTaken) return 'ALREADY_EXISTS'
    const fresh = { content, importance: 0.5, domain: [], archived: false, applications: 0, version: 1 }
    for (const each of ids) this.#records.set(each, fresh)
    return `ids ${ids.map(givenId).join()}`
  }

  #change(number: number, fields: Partial<ModelRecord>): Told {
    const record = this.#records.get(number)!
    const version = record.version + (Object.keys(fields).length === 0 ? 0 : 1)
    this.#records.set(number, { ...record, ...fields, version })
    return `version ${version}`
  }
}

/** What happened to writes that were under way at the same time. */
export interface Observed {
  readonly writes: readonly KeyedWrite[]
  /** What each of them was told. */
  readonly told: readonly Told[]
  /** What a reader finds afterwards, in order. */
  readonly isLeft: (records: Model['records']) => boolean
}

/** Whether the writes, done once each in *some* order one after the other, explain all that was observed. */
export const isExplained = ({ writes, told, isLeft }: Observed): boolean => {
  const failed = new Set<string>()
  const explains = (model: Model, rest: readonly number[]): boolean => {
    if (rest.length === 0) return isLeft(model.records)
    const state = `${rest.join()} ${model.state}`
    if (failed.has(state)) return false
    const isPossible = rest.some((index) => {
      const next = new Model(model)
      return (
        next.take(writes[index]!) === told[index] &&
        explains(
          next,
          rest.filter((other) => other !== index),
        )
      )
    })
    if (!isPossible) failed.add(state)
    return isPossible
  }
  return explains(new Model(), [...writes.keys()])
}
