/**
 * The forms in which an experience is written.
 *
 * X1  Names stand in a fixed order and numbers in their shortest form, so equal experiences are equal bytes: exporting,
 *     restoring elsewhere and exporting again gives the same file.
 */
import { float32Bytes, type Experience, type ExperienceType } from '@waggle/protocol'
import { moment } from './terminal/layout.ts'
import { left, oneLine } from './terminal/text.ts'
import { recordLines, type Sheet } from './terminal/record-lines.ts'

/** An experience as data; its vector stays one. X1 */
export const experienceForm = ({ embedding, collective, ...experience }: Experience): Record<string, unknown> => ({
  ...withoutVector(experience, { collective }),
  ...(embedding === undefined ? {} : { embedding }),
})

/** One line of an export: without the collective, so that another one can take it in. X1 */
export const exportLine = ({ embedding, collective: _, ...experience }: Experience): string =>
  JSON.stringify({
    ...withoutVector(experience, {}),
    ...(embedding === undefined ? {} : { embedding: base64Of(embedding) }),
  })

type Plain = Omit<Experience, 'embedding' | 'collective'>

const withoutVector = (experience: Plain, place: { readonly collective?: string }): Record<string, unknown> => ({
  id: experience.id,
  ...place,
  content: experience.content,
  type: typeForm(experience.type),
  importance: shortFloat(experience.importance),
  confidence: shortFloat(experience.confidence),
  domain: experience.domain,
  relatedFiles: experience.relatedFiles,
  sourceAgent: experience.sourceAgent,
  ...(experience.sourceTask === undefined ? {} : { sourceTask: experience.sourceTask }),
  createdAt: experience.createdAt,
  lastReinforced: experience.lastReinforced,
  applications: experience.applications,
  archived: experience.archived,
  version: experience.version,
  ...(experience.expiresAt === undefined ? {} : { expiresAt: experience.expiresAt }),
})

/** The kind first, its fields in the order of their names. */
const typeForm = ({ kind, ...fields }: ExperienceType): Record<string, unknown> => {
  const names = (Object.keys(fields) as (keyof typeof fields)[]).sort()
  return { kind, ...Object.fromEntries(names.map((name) => [name, numberForm(fields[name])])) }
}

const numberForm = (value: unknown): unknown => (typeof value === 'number' ? shortFloat(value) : value)

/** Digits after which every single-precision number is told from its neighbours. */
const FLOAT32_DIGITS = 9

/** The number of the fewest digits that is `value` in single precision: 0.9, not 0.8999999761581421. */
export const shortFloat = (value: number): number => {
  for (let digits = 1; digits <= FLOAT32_DIGITS; digits += 1) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

/** The bytes of a vector as text. */
export const base64Of = (vector: Float32Array): string => {
  const bytes = float32Bytes(vector)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** Room for the longest kind, `architecturalDecision`, and for most names of agents. */
const KIND_WIDTH = 21
const AGENT_WIDTH = 16

/** For people; `before` goes in front. */
export const experienceLines = (experience: Experience, sheet: Sheet, before = ''): readonly string[] => {
  const { id, createdAt, type, sourceAgent, content, archived } = experience
  const facts = [moment(createdAt), left(type.kind, KIND_WIDTH), left(oneLine(sourceAgent), AGENT_WIDTH)]
  return recordLines({ before, id, facts, text: `${archived ? '(archived) ' : ''}${content}` }, sheet)
}

/** All there is to know, but for the vector. */
export const experienceFields = (experience: Experience): Record<string, string | number | boolean | undefined> => {
  const { kind, ...more } = typeForm(experience.type)
  return {
    id: experience.id,
    content: experience.content,
    kind: String(kind),
    ...(Object.keys(more).length === 0 ? {} : { type: JSON.stringify(more) }),
    importance: shortFloat(experience.importance),
    confidence: shortFloat(experience.confidence),
    domain: experience.domain.join(', ') || undefined,
    files: experience.relatedFiles.join(', ') || undefined,
    agent: experience.sourceAgent,
    task: experience.sourceTask,
    created: moment(experience.createdAt),
    reinforced: experience.applications === 0 ? undefined : moment(experience.lastReinforced),
    applications: experience.applications,
    archived: experience.archived,
    version: experience.version,
    expires: experience.expiresAt === undefined ? undefined : moment(experience.expiresAt),
    dimension: experience.embedding?.length,
  }
}
