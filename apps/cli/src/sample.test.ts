import { hashingEmbedder } from '@waggle/embedding'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const text = z.string().min(1)
const share = z.number().min(0).max(1)

const kinds = [
  z.strictObject({
    kind: z.literal('difficulty'),
    description: text,
    severity: z.enum(['low', 'medium', 'high', 'critical']),
  }),
  z.strictObject({ kind: z.literal('solution'), approach: text, worked: z.boolean() }),
  z.strictObject({ kind: z.literal('errorPattern'), signature: text, fix: text, prevention: text }),
  z.strictObject({ kind: z.literal('successPattern'), taskType: text, approach: text, quality: share }),
  z.strictObject({ kind: z.literal('userPreference'), category: text, preference: text, strength: share }),
  z.strictObject({ kind: z.literal('architecturalDecision'), decision: text, rationale: text }),
  z.strictObject({ kind: z.literal('techInsight'), technology: text, insight: text }),
  z.strictObject({ kind: z.literal('fact'), statement: text, source: text }),
  z.strictObject({ kind: z.literal('generic'), category: text }),
] as const

const experience = z.strictObject({
  content: text.max(1000),
  type: z.discriminatedUnion('kind', kinds),
  importance: share,
  confidence: share,
  domain: z
    .array(z.string().regex(/^[a-z0-9-]{1,40}$/))
    .min(1)
    .max(8),
  relatedFiles: z.array(text.max(500)).max(8),
  sourceAgent: z.string().regex(/^[a-z]+-agent$/),
  sourceTask: text.optional(),
})

const question = z.strictObject({
  question: text,
  about: text,
  expect: text,
  filter: z
    .strictObject({
      types: z.array(text).optional(),
      domains: z.array(text).optional(),
      agents: z.array(text).optional(),
      minImportance: share.optional(),
    })
    .optional(),
})

type Experience = z.infer<typeof experience>
type Question = z.infer<typeof question>

const fileOf = (name: string): string => readFileSync(new URL(`../sample/${name}`, import.meta.url), 'utf8')

const rowsOf = <Row>(name: string, schema: z.ZodType<Row>): Row[] =>
  fileOf(name)
    .trimEnd()
    .split('\n')
    .map((line) => schema.parse(JSON.parse(line)))

const experiences = rowsOf('experiences.jsonl', experience)
const questions = rowsOf('questions.jsonl', question)

const countsOf = (items: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}

/** Every run of five words, in lower case and without punctuation. */
const fiveWordRunsOf = (sentence: string): string[] => {
  const words = sentence.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.slice(4).map((_, start) => words.slice(start, start + 5).join(' '))
}

const admits = (filter: Question['filter'], { type, domain, sourceAgent, importance }: Experience): boolean =>
  (filter?.types?.includes(type.kind) ?? true) &&
  (filter?.domains?.some((tag) => domain.includes(tag)) ?? true) &&
  (filter?.agents?.includes(sourceAgent) ?? true) &&
  importance >= (filter?.minImportance ?? 0)

const cosine = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, at) => sum + value * (other[at] ?? Number.NaN), 0)

describe('the bundled sample', () => {
  it('holds all kinds, from eight agents', () => {
    expect(experiences.length).toBeGreaterThanOrEqual(300)
    expect(new Set(experiences.map(({ type }) => type.kind)).size).toBe(kinds.length)
    expect(new Set(experiences.map(({ sourceAgent }) => sourceAgent)).size).toBe(8)
  })

  it('says nothing twice and has no phrase that keeps coming back', () => {
    expect(new Set(experiences.map(({ content }) => content)).size).toBe(experiences.length)
    const runs = countsOf(experiences.flatMap(({ content }) => [...new Set(fiveWordRunsOf(content))]))
    expect([...runs].filter(([, records]) => records > 2)).toEqual([])
  })

  it('is counted correctly in its README', () => {
    const readme = fileOf('README.md')
    for (const [kind, records] of countsOf(experiences.map(({ type }) => type.kind))) {
      expect(readme).toContain(`| \`${kind}\` | ${records} |`)
    }
    expect(readme).toContain(`${experiences.length} experiences`)
    expect(readme).toContain(`${questions.length} questions`)
  })

  it('asks in words of its own', () => {
    const texts = experiences.flatMap(({ content, type }) => [content, ...Object.values(type).map(String)])
    const runs = new Set(texts.flatMap(fiveWordRunsOf))
    expect(questions.flatMap((asked) => fiveWordRunsOf(asked.question)).filter((run) => runs.has(run))).toEqual([])
  })

  it.each(questions)('has an answer to "$question"', ({ expect: phrase, filter }) => {
    expect(experiences.filter((row) => row.content.includes(phrase) && admits(filter, row))).not.toEqual([])
  })

  it('is found by the hashing embedder: at least 18 of 24 answers are among the first five', async () => {
    const embedder = hashingEmbedder({ dimension: 384 })
    const vectors = await embedder.embed(experiences.map(({ content }) => content))
    const asked = await embedder.embed(questions.map((row) => row.question))
    const found = questions.filter(({ expect: phrase, filter }, at) => {
      const wanted = asked[at] ?? new Float32Array()
      const ranked = experiences
        .map((row, index) => ({ row, score: cosine(wanted, vectors[index] ?? new Float32Array()) }))
        .filter(({ row }) => admits(filter, row))
        .sort((one, other) => other.score - one.score)
      return ranked.slice(0, 5).some(({ row }) => row.content.includes(phrase))
    })
    expect(found.length).toBeGreaterThanOrEqual(18)
    expect(fileOf('README.md')).toContain(`first five for ${found.length} questions of ${questions.length}`)
  })
})
