/** Records for the suite of the storage port; their ids do not rise with time, as ours need not. */
import { deriveUuid, type Uuid } from '@waggle/kernel'
import type { Activity, Collective, CollectiveId, ExperienceId } from '@waggle/protocol'
import type {
  DerivedInsight,
  ExperienceRelation,
  PolledEvents,
  StoredExperience,
  WatchEventRecord,
} from '../../storage-port/storage-records.ts'
import type { StorageCase } from './storage-store.ts'

let made = 0

export const freshId = (): Uuid => deriveUuid(['record', String((made += 1))])

export const T0 = 1_700_000_000_000
const DIMENSION = 3
export const NOWHERE = { sequence: 0, index: 0 } as PolledEvents['next']

export const aCollective = (more: Partial<Collective> = {}): Collective => ({
  ...{ id: freshId(), name: 'bees', dimension: DIMENSION, createdAt: T0, updatedAt: T0 },
  ...more,
})

export const anExperience = (collective: CollectiveId, more: Partial<StoredExperience> = {}): StoredExperience => ({
  ...{ id: freshId(), collective, content: 'Bees dance — ⚘', type: { kind: 'generic' } },
  ...{ embedding: Float32Array.of(1, 0.5, -0.25), importance: 0.5, confidence: 0.5, applications: {} },
  ...{ domain: ['hive'], relatedFiles: ['src/dance.ts'], sourceAgent: 'scout' },
  ...{ timestamp: T0, lastReinforced: T0, archived: false },
  ...more,
})

export const aRelation = (
  source: ExperienceId,
  target: ExperienceId,
  more: Partial<ExperienceRelation> = {},
): ExperienceRelation => ({
  ...{ id: freshId(), source, target, type: 'supports', strength: 0.5, createdAt: T0 },
  ...more,
})

export const anInsight = (
  collective: CollectiveId,
  sources: readonly ExperienceId[],
  more: Partial<DerivedInsight> = {},
): DerivedInsight => ({
  ...{ id: freshId(), collective, content: 'Dances tell the way', embedding: Float32Array.of(0, 1, 0), sources },
  ...{ type: 'pattern', confidence: 0.5, domain: ['hive'], createdAt: T0, updatedAt: T0 },
  ...more,
})

export const anActivity = (collective: CollectiveId, more: Partial<Activity> = {}): Activity => ({
  ...{ collective, agent: 'scout', task: 'forage', summary: 'two trees seen', startedAt: T0, lastHeartbeat: T0 + 5 },
  ...more,
})

/** A collective that is saved. */
export const savedCollective = async (
  { storage }: StorageCase,
  more: Partial<Collective> = {},
): Promise<Collective> => {
  const collective = aCollective(more)
  await storage.saveCollective(collective)
  return collective
}

/** Experiences that are saved, a second of time between one and the next. */
export const savedExperiences = async (
  { storage }: StorageCase,
  collective: CollectiveId,
  count: number,
): Promise<readonly StoredExperience[]> => {
  const saved: StoredExperience[] = []
  for (let index = 0; index < count; index += 1) {
    const timestamp = T0 + 1_000 * index
    const experience = anExperience(collective, { timestamp, lastReinforced: timestamp })
    await storage.saveExperience(experience)
    saved.push(experience)
  }
  return saved
}

/** All that the change log holds. */
export const allEvents = async ({ storage }: StorageCase): Promise<readonly WatchEventRecord[]> =>
  (await storage.pollWatchEvents(NOWHERE, 10_000)).events

/** What happened to what, in short: `created experience`. */
export const toldOf = (events: readonly WatchEventRecord[]): readonly string[] =>
  events.map(({ eventType, entityType }) => `${eventType} ${entityType}`)
