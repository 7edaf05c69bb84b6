/** Agents connect what they know, and another one is told of it: relations, insights with evidence, changes (P6). */
import { isFault } from '@waggle/kernel'
import type { Change, CollectiveHandle, Waggle } from '@waggle/sdk'
import { counted, duration } from '../terminal/layout.ts'
import { oneLine, shorten } from '../terminal/text.ts'
import { COLLECTIVE } from './agents.ts'
import { mark, timed, type Section, type Stage } from './section.ts'

const LATER = {
  content:
    'pg-tracking replica 3 has caught up at 10:40: the index build ended, parcel states can be read from it again.',
  type: { kind: 'fact', statement: 'Replica 3 has caught up', source: 'pg_stat_replication' },
  sourceAgent: 'oncall-agent',
} as const

const CONCLUSION = 'A replica lags for as long as an index is built: send reads to the primary meanwhile.'

/** @param earlier the experience that the later one supersedes */
export const connect = async (stage: Stage, waggle: Waggle, earlier: string): Promise<Section> => {
  const [hive, reader] = [await waggle.collective(COLLECTIVE), await waggle.collective(COLLECTIVE)]
  // From the oldest: whoever comes late is told, too.
  const watch = reader.watch({ from: 'start', filter: { entities: ['relation', 'insight'] } })
  const told = take(watch, 2)
  const { result: ids, ms } = await timed(stage.clock, async () => link(hive, earlier))
  const changes = await told
  const [nearest] = await reader.insights({ text: 'Where do I read while an index is built?', k: 1 })
  const supersedes = (await reader.related(ids.later, { direction: 'outgoing' })).map((item) => item.experience.id)
  const isTold = changes.map(({ id }) => id).join() === [ids.relation, ids.insight].join()
  const isRelated = supersedes.some((id) => id === earlier)
  const isFound = nearest?.insight.id === ids.insight && nearest.insight.sources.length === 2
  const quoted = (text: string): string => shorten(oneLine(text), stage.width - 53)
  return {
    name: 'connect',
    title: 'CONNECT',
    subtitle: 'what is known is related, concluded from, and told to whoever watches',
    lines: [
      `${mark(stage, isRelated)} oncall-agent  records what supersedes its note: "${quoted(LATER.content)}"`,
      `${mark(stage, isFound)} review-agent  concludes from ${counted(2, 'experience')}: "${quoted(CONCLUSION)}"`,
      `${mark(stage, isTold)} a watcher     is told of both, in order; all of it took ${duration(ms)}`,
    ],
    facts: { ...ids, told: changes.length, ms },
    checks: [
      { promise: 'what is related is found from either end', kept: isRelated },
      { promise: 'a conclusion is found with its evidence', kept: isFound },
      { promise: 'a watcher is told every change, in order', kept: isTold },
    ],
  }
}

const link = async (hive: CollectiveHandle, earlier: string) => {
  const key = (name: string) => ({ idempotencyKey: `demo-connect-${name}` })
  const later = await idOf(async () => hive.record(LATER, key('later')))
  const supersedes = { source: later, target: earlier, type: 'supersedes' } as const
  const relation = await idOf(async () => hive.relate(supersedes, key('relation')))
  const conclusion = { content: CONCLUSION, sources: [earlier, later], type: 'pattern' } as const
  const insight = await idOf(async () => hive.storeInsight(conclusion, key('insight')))
  return { later, relation, insight }
}

/** A second demonstration in the same folder, long after the first, finds what is there. */
const idOf = async (create: () => Promise<{ readonly id: string }>): Promise<string> => {
  try {
    return (await create()).id
  } catch (error) {
    if (!isFault(error) || error.code !== 'ALREADY_EXISTS') throw error
    return String(error.details.id)
  }
}

const take = async (changes: AsyncIterable<Change>, count: number): Promise<readonly Change[]> => {
  const taken: Change[] = []
  for await (const change of changes) if (taken.push(change) === count) break
  return taken
}
