/** One agent writes and passes its token on; whoever reads with it sees what was written (P5). */
import type { Waggle } from '@waggle/sdk'
import { duration } from '../terminal/layout.ts'
import { oneLine, shorten } from '../terminal/text.ts'
import { COLLECTIVE } from './agents.ts'
import { mark, timed, type Section, type Stage } from './section.ts'

const DISCOVERY = {
  content:
    'pg-tracking replica 3 lags by 40 s since 09:12; do not read parcel states from it until the index build ends.',
  type: { kind: 'fact', statement: 'Replica 3 lags by 40 s', source: 'pg_stat_replication' },
  importance: 0.9,
  sourceAgent: 'oncall-agent',
  sourceTask: 'handing over the shift',
} as const

export const handOff = async (stage: Stage, waggle: Waggle): Promise<Section> => {
  const writer = await waggle.collective(COLLECTIVE)
  const reader = await waggle.collective(COLLECTIVE)
  const { result: written, ms: writeMs } = await timed(stage.clock, async () =>
    writer.record(DISCOVERY, { idempotencyKey: 'demo-hand-off' }),
  )
  const { id, token } = written
  const { result: seen, ms: readMs } = await timed(stage.clock, async () => reader.get(id, { token }))
  const { results } = await reader.search({ text: 'May I read parcel states from replica 3?', k: 3 }, { token })
  const rank = results.findIndex(({ experience }) => experience.id === id) + 1
  const isSeen = seen?.content === DISCOVERY.content
  const quoted = shorten(oneLine(DISCOVERY.content), stage.width - 25)
  return {
    name: 'handOff',
    title: 'HAND-OFF',
    subtitle: 'what one agent has written, the next one sees: the token says how new its view must be',
    lines: [
      `oncall-agent  records "${quoted}"`,
      `              in ${duration(writeMs)}, and passes on the token ${token}`,
      `${mark(stage, isSeen)} review-agent  reads with the token in ${duration(readMs)}: it is there`,
      `${mark(stage, rank > 0)} review-agent  asks "May I read parcel states from replica 3?": rank ${rank}`,
    ],
    facts: { id, token, writeMs, readMs, rank },
    checks: [
      { promise: 'a read with a token sees the write that gave it', kept: isSeen },
      { promise: 'a search with a token finds the write that gave it', kept: rank > 0 },
    ],
  }
}
