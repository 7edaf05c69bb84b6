/**
 * The rules of an insight's fields, in PulseDB's published order of checks; they come before any look at the state. Its
 * tags, which PulseDB does not check, have the limits of an experience's.
 */
import { DOMAIN_TAG_BYTES_MAX, DOMAIN_TAGS_MAX, INSIGHT_CONTENT_BYTES_MAX, INSIGHT_SOURCES_MAX } from '../limits.ts'
import type { NewInsight, RestoredInsight } from '../insight.ts'
import { invalidField, requiredField, tooManyItems } from '../schema/decoder.ts'
import { checkContent, checkTexts, checkUnitRange } from './field-rules.ts'

/** @param prefix path of the insight inside the request: empty, or `insights[3].` */
export const checkNewInsight = (insight: NewInsight, prefix: string): void => {
  checkContent(insight.content, `${prefix}content`, INSIGHT_CONTENT_BYTES_MAX)
  checkUnitRange(insight.confidence, `${prefix}confidence`)
  const count = insight.sources.length
  if (count === 0) throw requiredField(`${prefix}sources`)
  if (count > INSIGHT_SOURCES_MAX) throw tooManyItems(`${prefix}sources`, count, INSIGHT_SOURCES_MAX)
  checkTexts(insight.domain, `${prefix}domain`, DOMAIN_TAGS_MAX, DOMAIN_TAG_BYTES_MAX)
}

/** What was lost must have been a source, and can be lost only once. */
export const checkRestoredInsight = (insight: RestoredInsight, prefix: string): void => {
  checkNewInsight(insight, prefix)
  const sources = new Set(insight.sources)
  insight.lostSources.forEach((id, index) => {
    if (!sources.delete(id)) throw invalidField(`${prefix}lostSources[${index}]`, 'one of the sources, once')
  })
}
