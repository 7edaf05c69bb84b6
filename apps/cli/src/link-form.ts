/** The forms in which relations and insights are written, by the rule of experiences (`experience-form.ts`, X1). */
import type { Insight, Relation } from '@waggle/protocol'
import { base64Of, shortFloat } from './experience-form.ts'
import { counted, moment } from './terminal/layout.ts'
import { columnsOf, indented, left } from './terminal/text.ts'
import { recordLines, type Sheet } from './terminal/record-lines.ts'

/** A relation as data. */
export const relationForm = ({ collective, ...relation }: Relation): Record<string, unknown> =>
  relationFields(relation, { collective })

/** An insight as data; its vector stays one. */
export const insightForm = ({ collective, embedding, stale, ...insight }: Insight): Record<string, unknown> => ({
  ...insightFields(insight, { collective, stale }),
  ...(embedding === undefined ? {} : { embedding }),
})

/** A line of an export: it says what it is, unlike that of an experience, and names no collective. */
export const relationExportLine = ({ collective: _, ...relation }: Relation): string =>
  JSON.stringify({ entity: 'relation', ...relationFields(relation, {}) })

/** As `relationExportLine`. What follows from the rest (`stale`) is not on it. */
export const insightExportLine = ({ collective: _, stale: _stale, embedding, ...insight }: Insight): string =>
  JSON.stringify({
    entity: 'insight',
    ...insightFields(insight, {}),
    ...(embedding === undefined ? {} : { embedding: base64Of(embedding) }),
  })

const relationFields = (relation: Omit<Relation, 'collective'>, more: object): Record<string, unknown> => ({
  id: relation.id,
  ...more,
  source: relation.source,
  target: relation.target,
  type: relation.type,
  strength: shortFloat(relation.strength),
  ...(relation.metadata === undefined ? {} : { metadata: relation.metadata }),
  createdAt: relation.createdAt,
  ...(relation.expiresAt === undefined ? {} : { expiresAt: relation.expiresAt }),
})

const insightFields = (
  insight: Omit<Insight, 'collective' | 'embedding' | 'stale'>,
  more: object,
): Record<string, unknown> => ({
  id: insight.id,
  ...more,
  content: insight.content,
  type: insight.type,
  confidence: shortFloat(insight.confidence),
  domain: insight.domain,
  sources: insight.sources,
  lostSources: insight.lostSources,
  createdAt: insight.createdAt,
  updatedAt: insight.updatedAt,
  ...(insight.expiresAt === undefined ? {} : { expiresAt: insight.expiresAt }),
})

/** Room for the longest type of relation and of insight, `contradicts`. */
const TYPE_WIDTH = 11

/** For people; no id may be cut, so a narrow terminal takes three lines. */
export const relationLines = (relation: Relation, { width }: Sheet): readonly string[] => {
  const { id, source, target, type, strength } = relation
  const [head, ends] = [
    [id, left(type, TYPE_WIDTH), shortFloat(strength).toFixed(2)].join('  '),
    [source, `→  ${target}`],
  ]
  const line = [head, ...ends].join('  ')
  return columnsOf(line) <= width ? [line] : [head, ...indented(ends, 4)]
}

/** For people; `before` goes in front. */
export const insightLines = (insight: Insight, sheet: Sheet, before = ''): readonly string[] => {
  const { id, createdAt, type, sources, stale, content } = insight
  const facts = [moment(createdAt), left(type, TYPE_WIDTH), left(counted(sources.length, 'source'), 11)]
  return recordLines({ before, id, facts, text: `${stale ? '(stale) ' : ''}${content}` }, sheet)
}

/** All there is to know of a relation. */
export const relationPairs = (relation: Relation): Record<string, string | number | undefined> => ({
  id: relation.id,
  source: relation.source,
  target: relation.target,
  type: relation.type,
  strength: shortFloat(relation.strength),
  metadata: relation.metadata,
  created: moment(relation.createdAt),
})

/** All there is to know of an insight, but for the vector. */
export const insightPairs = (insight: Insight): Record<string, string | number | undefined> => ({
  id: insight.id,
  content: insight.content,
  type: insight.type,
  confidence: shortFloat(insight.confidence),
  domain: insight.domain.join(', ') || undefined,
  sources: insight.sources.join(', '),
  lost: insight.lostSources.join(', ') || undefined,
  created: moment(insight.createdAt),
  updated: insight.updatedAt === insight.createdAt ? undefined : moment(insight.updatedAt),
  dimension: insight.embedding?.length,
})
