/** In which order the rules of a new experience are checked: of two that are broken, the earlier one is named. */
import { describe, expect, it } from 'vitest'
import type { ExperienceInput } from '../inputs.ts'
import { experience, exported, expectRefusal, givenId, refusal, titled, typesByKind } from './samples.ts'
import { sharedStore, type OpenStore } from './store-under-test.ts'

interface Defect {
  readonly title: string
  readonly fields: Partial<ExperienceInput>
  readonly code: string
  readonly field: string
}

const tags = (count: number, bytes: number): string[] => Array.from({ length: count }, () => 't'.repeat(bytes))

/** PulseDB's published order, behind the question whether the collective is there. */
const defects: readonly Defect[] = [
  { title: 'content empty', fields: { content: '' }, code: 'REQUIRED_FIELD', field: 'content' },
  { title: 'content size', fields: { content: 'x'.repeat(102_401) }, code: 'CONTENT_TOO_LARGE', field: 'content' },
  { title: 'importance', fields: { importance: 1.5 }, code: 'INVALID_FIELD', field: 'importance' },
  { title: 'confidence', fields: { confidence: NaN }, code: 'INVALID_FIELD', field: 'confidence' },
  { title: 'domain count', fields: { domain: tags(51, 101) }, code: 'TOO_MANY_ITEMS', field: 'domain' },
  { title: 'domain tags', fields: { domain: tags(50, 101) }, code: 'INVALID_FIELD', field: 'domain[0]' },
  { title: 'file count', fields: { relatedFiles: tags(101, 501) }, code: 'TOO_MANY_ITEMS', field: 'relatedFiles' },
  { title: 'file paths', fields: { relatedFiles: tags(100, 501) }, code: 'INVALID_FIELD', field: 'relatedFiles[0]' },
  { title: 'embedding absent', fields: { embedding: undefined }, code: 'REQUIRED_FIELD', field: 'embedding' },
  { title: 'dimension', fields: { embedding: [NaN, 0, 0] }, code: 'DIMENSION_MISMATCH', field: 'embedding' },
  { title: 'not finite', fields: { embedding: [0, 0, 0, Infinity] }, code: 'INVALID_FIELD', field: 'embedding[3]' },
  { title: 'all zero', fields: { embedding: [0, -0, 0, 1e-60] }, code: 'INVALID_FIELD', field: 'embedding' },
  { title: 'agent empty', fields: { sourceAgent: '' }, code: 'REQUIRED_FIELD', field: 'sourceAgent' },
  { title: 'agent size', fields: { sourceAgent: 'a'.repeat(257) }, code: 'INVALID_FIELD', field: 'sourceAgent' },
  {
    title: 'quality',
    fields: { type: { ...typesByKind.successPattern, quality: 2 } },
    code: 'INVALID_FIELD',
    field: 'type.quality',
  },
  {
    title: 'strength',
    fields: { type: { ...typesByKind.userPreference, strength: -1 } },
    code: 'INVALID_FIELD',
    field: 'type.strength',
  },
]

/** Each defect with each later one that another field can have at the same time. */
const pairs = defects.flatMap((first, index) =>
  defects
    .slice(index + 1)
    .filter((second) => Object.keys(second.fields).every((name) => !(name in first.fields)))
    .map((second) => ({ title: `${first.title} before ${second.title}`, first, second })),
)

export const checkOrderContract = (open: OpenStore): void => {
  describe('the order of checks', () => {
    const store = sharedStore(open)

    it.each(titled(defects))('P10 %s is refused on its own', async (_title, { fields, code, field }) => {
      const hive = await store.collective()
      await expectRefusal(hive.record(experience(fields)), code, field)
      expect((await hive.stats()).experienceCount).toBe(0)
    })

    it.each(titled(defects))(
      'test_record_experience_nonexistent_collective_rejected: the collective before %s',
      async (_title, { fields }) => {
        const hive = await store.collective()
        await hive.deleteCollective()
        await expectRefusal(hive.record(experience(fields)), 'NOT_FOUND')
      },
    )

    it('P10 of two broken rules the earlier one is named', async () => {
      const hive = await store.collective()
      const named: string[] = []
      const expected: string[] = []
      for (const { title, first, second } of pairs) {
        const { code, details } = await refusal(hive.record(experience({ ...first.fields, ...second.fields })))
        named.push(`${title}: ${code} ${String(details.field)}`)
        expected.push(`${title}: ${first.code} ${first.field}`)
      }
      expect(named).toEqual(expected)
      expect(pairs.length).toBeGreaterThan(90)
    })

    it('P10 recordMany checks one experience after the other, and says which', async () => {
      const hive = await store.collective()
      const [early, late] = [defects[0]!, defects.at(-1)!]
      const batch = [experience(), experience(late.fields), experience(early.fields)]
      await expectRefusal(hive.recordMany(batch), late.code, `experiences[1].${late.field}`)
    })

    it('P10 restore checks as record does', async () => {
      const hive = await store.collective()
      for (const { fields, code, field } of defects) {
        const { embedding, ...others } = { ...exported(givenId(1)), ...fields }
        if (embedding === undefined) continue
        await expectRefusal(
          hive.restore([exported(givenId(1), { ...(others as object), embedding })]),
          code,
          `experiences[0].${field}`,
        )
      }
    })

    it.each([
      ['test_record_experience_missing_embedding_rejected_for_external', undefined, 'REQUIRED_FIELD', 'embedding'],
      ['test_record_experience_wrong_embedding_dimension_rejected', [1, 2, 3], 'DIMENSION_MISMATCH', 'embedding'],
      ['one component too many', [1, 2, 3, 4, 5], 'DIMENSION_MISMATCH', 'embedding'],
      ['more than any dimension', new Float32Array(4097).fill(1), 'INVALID_FIELD', 'embedding'],
      ['not a number', [1, NaN, 3, 4], 'INVALID_FIELD', 'embedding[1]'],
      ['beyond single precision', [1, 2, 3.5e38, 4], 'INVALID_FIELD', 'embedding[2]'],
      ['all zero', [0, 0, 0, 0], 'INVALID_FIELD', 'embedding'],
      ['all zero in single precision', [1e-50, -1e-50, 0, 0], 'INVALID_FIELD', 'embedding'],
    ])('P10 an embedding that is %s is refused, and so as a query', async (_title, embedding, code, field) => {
      const hive = await store.collective()
      await expectRefusal(hive.record(experience({ embedding })), code, field)
      await expectRefusal(hive.search({ embedding }), code, field)
    })
  })
}
