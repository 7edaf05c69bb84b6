/**
 * Insights as they are at a moment: one that has expired is not there, and evidence that has expired is lost, whether
 * or not the sweep has said so yet.
 */
import { mayExpire } from '../../expiry/expiry-rows.ts'
import { unexpired } from '../../expiry/is-expired.ts'
import type { Scope } from '../../state/keyspace.ts'
import type { StateView } from '../../state/overlay.ts'
import { isLiveExperience } from '../experience/experience-rows.ts'
import type { InsightRow } from './insight-rows.ts'

/** Asks of rows of one state and moment; evidence is looked at only where experiences expire at all. */
export const insightsAsOf = (
  state: StateView,
  scope: Scope,
  atMs: number,
): ((row: InsightRow | undefined) => InsightRow | undefined) => {
  const evidenceExpires = mayExpire(state, scope, 'experience')
  return (row) => {
    const live = unexpired(row, atMs)
    if (live === undefined || !evidenceExpires) return live
    const known = new Set(live.lostSources)
    const lost = [...new Set(live.sources)].filter(
      (source) => !known.has(source) && !isLiveExperience(state, scope, source, atMs),
    )
    return lost.length === 0 ? live : { ...live, lostSources: [...live.lostSources, ...lost] }
  }
}
