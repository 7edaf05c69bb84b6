/** Commands of a random history of the storage port, over few ids, so that they meet. */
import { deriveUuid, type Uuid } from '@waggle/kernel'
import { relationTypes } from '@waggle/protocol'
import fc from 'fast-check'
import { isFault } from '@waggle/kernel'
import type { Storage } from '../../storage-port/storage-engine.ts'
import { aCollective, anActivity, anExperience, anInsight, aRelation, T0 } from './records.ts'

const idsOf = (kind: string, count: number): readonly Uuid[] =>
  Array.from({ length: count }, (_, index) => deriveUuid(['pool', kind, String(index)]))

export const pool = {
  collectives: idsOf('collective', 3),
  experiences: idsOf('experience', 6),
  relations: idsOf('relation', 5),
  insights: idsOf('insight', 3),
  agents: ['ant', 'bee'],
} as const

const collective = fc.constantFrom(...pool.collectives)
const experience = fc.constantFrom(...pool.experiences)
const relation = fc.constantFrom(...pool.relations)
const insight = fc.constantFrom(...pool.insights)
const agent = fc.constantFrom(...pool.agents)
const time = fc.integer({ min: 0, max: 3 }).map((second) => T0 + second)
const unit = fc.constantFrom(0, 0.25, 0.5, 1)

const kinds = {
  saveCollective: { id: collective, name: fc.constantFrom('a', 'b'), createdAt: time },
  deleteCollective: { id: collective },
  saveExperience: { id: experience, collective, timestamp: time, importance: unit, archived: fc.boolean() },
  updateExperience: { id: experience, importance: unit },
  reinforceExperience: { id: experience },
  deleteExperience: { id: experience },
  saveEmbedding: { id: experience, first: fc.integer({ min: 1, max: 5 }) },
  saveRelation: {
    id: relation,
    source: experience,
    target: experience,
    type: fc.constantFrom(...relationTypes.slice(0, 2)),
    createdAt: time,
  },
  deleteRelation: { id: relation },
  deleteRelationsForExperience: { id: experience },
  saveInsight: {
    id: insight,
    collective,
    sources: fc.array(experience, { minLength: 1, maxLength: 3 }),
    createdAt: time,
  },
  deleteInsight: { id: insight },
  saveActivity: { agent, collective, lastHeartbeat: time },
  deleteActivity: { agent, collective },
  deleteExperiencesByCollective: { id: collective },
  deleteInsightsByCollective: { id: collective },
  deleteActivitiesByCollective: { id: collective },
} as const

type Kinds = typeof kinds
type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never

export type StorageCommand = {
  [Kind in keyof Kinds]: { readonly kind: Kind } & { readonly [Name in keyof Kinds[Kind]]: ValueOf<Kinds[Kind][Name]> }
}[keyof Kinds]

const commandOf = (kind: keyof Kinds, weight: number) => ({
  weight,
  arbitrary: fc.record<object>({ kind: fc.constant(kind), ...kinds[kind] }) as fc.Arbitrary<StorageCommand>,
})

/** Saves are three times as likely, or little would ever be there. */
export const storageCommands: fc.Arbitrary<StorageCommand[]> = fc.array(
  fc.oneof(
    ...(Object.keys(kinds) as (keyof Kinds)[]).map((kind) =>
      commandOf(kind, kind.startsWith('save') ? 6 : kind.includes('By') ? 1 : 2),
    ),
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
)

/** What a command was told: its result, or the code of its fault. */
export type Told = string | number | boolean | undefined

export const perform = async (storage: Storage, command: StorageCommand): Promise<Told> => {
  try {
    return (await submit(storage, command)) as Told
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

/** What is saved, as the command says it. */
export const recordOf = {
  collective: ({ id, name, createdAt }: Extract<StorageCommand, { kind: 'saveCollective' }>) =>
    aCollective({ id, name, createdAt }),
  experience: ({ kind: _, ...fields }: Extract<StorageCommand, { kind: 'saveExperience' }>) =>
    anExperience(fields.collective, fields),
  relation: ({ kind: _, source, target, ...fields }: Extract<StorageCommand, { kind: 'saveRelation' }>) =>
    aRelation(source, target, fields),
  insight: ({ kind: _, sources, ...fields }: Extract<StorageCommand, { kind: 'saveInsight' }>) =>
    anInsight(fields.collective, sources, fields),
  activity: ({ kind: _, ...fields }: Extract<StorageCommand, { kind: 'saveActivity' }>) =>
    anActivity(fields.collective, fields),
  vector: ({ first }: Extract<StorageCommand, { kind: 'saveEmbedding' }>) => Float32Array.of(first, 0, 1),
}

const submit = (storage: Storage, command: StorageCommand): Promise<unknown> => {
  switch (command.kind) {
    case 'saveCollective':
      return storage.saveCollective(recordOf.collective(command))
    case 'saveExperience':
      return storage.saveExperience(recordOf.experience(command))
    case 'updateExperience':
      return storage.updateExperience(command.id, { importance: command.importance })
    case 'saveEmbedding':
      return storage.saveEmbedding(command.id, recordOf.vector(command))
    case 'saveRelation':
      return storage.saveRelation(recordOf.relation(command))
    case 'saveInsight':
      return storage.saveInsight(recordOf.insight(command))
    case 'saveActivity':
      return storage.saveActivity(recordOf.activity(command))
    case 'deleteActivity':
      return storage.deleteActivity(command.agent, command.collective)
    default:
      return storage[command.kind](command.id)
  }
}
