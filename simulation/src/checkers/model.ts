/** The collective as it must be after each record: a map of keys, and versions of one experience. */
import type { CollectiveId } from '@waggle/protocol'
import type { KeyValueText, WriteCommand } from '../workload/history.ts'
import type { LogTruth } from './log-truth.ts'

/** One write of a client, where it took effect. */
export interface Placed {
  readonly sequence: number
  readonly command: WriteCommand
  /** What the log remembers as its answer: absent for a result. */
  readonly fault: string | undefined
}

export interface ModelFrame {
  readonly sequence: number
  readonly entries: readonly KeyValueText[]
  readonly deleted: readonly string[]
}

interface Version {
  readonly sequence: number
  readonly value: string | undefined
}

/** Everything that happened to one collective. */
export class CollectiveModel {
  readonly frames: ModelFrame[] = []
  readonly #keys = new Map<string, Version[]>()
  /** Sequences at which the experience got version 2, 3, … */
  readonly #updates: number[] = []

  /** All that one record did, in its order. */
  apply(sequence: number, commands: readonly WriteCommand[]): void {
    const entries: KeyValueText[] = []
    const deleted = new Set<string>()
    for (const command of commands) {
      if (command.kind === 'update') this.#updates.push(sequence)
      for (const { key, value } of command.entries) {
        entries.push({ key, value })
        deleted.delete(key)
        this.#set(key, sequence, value)
      }
      for (const key of command.keys) {
        deleted.add(key)
        this.#set(key, sequence, undefined)
      }
    }
    if (entries.length > 0 || deleted.size > 0) this.frames.push({ sequence, entries, deleted: [...deleted] })
  }

  valueAt(key: string, sequence: number): string | undefined {
    return this.#keys.get(key)?.findLast((version) => version.sequence <= sequence)?.value
  }

  /** All keys that have a value, in their order. */
  rangeAt(sequence: number): readonly KeyValueText[] {
    return [...this.#keys.keys()].sort().flatMap((key) => {
      const value = this.valueAt(key, sequence)
      return value === undefined ? [] : [{ key, value }]
    })
  }

  /** Version of the experience; 1 until it is first updated. */
  versionAt(sequence: number): number {
    return 1 + this.#updates.filter((at) => at <= sequence).length
  }

  /** The first sequence at which the experience had that version. */
  sequenceOfVersion(version: number): number | undefined {
    return version <= 1 ? 0 : this.#updates[version - 2]
  }

  #set(key: string, sequence: number, value: string | undefined): void {
    this.#keys.set(key, [...(this.#keys.get(key) ?? []), { sequence, value }])
  }
}

export interface Model {
  readonly collectives: ReadonlyMap<CollectiveId, CollectiveModel>
  /** For each idempotency key, everywhere that it took effect. */
  readonly placed: ReadonlyMap<string, readonly Placed[]>
}

export const buildModel = (logs: readonly LogTruth[], writes: readonly WriteCommand[]): Model => {
  const byId = new Map(writes.map((command) => [command.id, command]))
  const collectives = new Map<CollectiveId, CollectiveModel>()
  const placed = new Map<string, Placed[]>()
  for (const { records } of logs)
    for (const { sequence, entries } of records) {
      const effective = new Map<CollectiveId, WriteCommand[]>()
      for (const { key, result } of entries) {
        const command = key === undefined ? undefined : byId.get(key)
        if (command === undefined) continue
        const fault = 'fault' in result ? String((result.fault as { code?: unknown }).code) : undefined
        placed.set(command.id, [...(placed.get(command.id) ?? []), { sequence, command, fault }])
        if (fault === undefined)
          effective.set(command.collective, [...(effective.get(command.collective) ?? []), command])
      }
      for (const [collective, commands] of effective) {
        const model = collectives.get(collective) ?? new CollectiveModel()
        collectives.set(collective, model)
        model.apply(sequence, commands)
      }
    }
  return { collectives, placed }
}
