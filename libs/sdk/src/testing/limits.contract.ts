/** Every limit of an experience's fields: accepted at the bound, refused one past it. Sizes of text are bytes. */
import { limits, type Experience } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { ExperienceInput, FilterInput } from '../inputs.ts'
import { experience, expectRefusal, titled, typesByKind } from './samples.ts'
import { sharedStore, type OpenStore } from './store-under-test.ts'

const times = <Item>(count: number, item: Item): Item[] => Array.from({ length: count }, () => item)

/** The float32 after 1, and the double after it that still rounds to 1. */
const NEXT_AFTER_ONE = 1 + 2 ** -23
const ROUNDS_TO_ONE = 1 + 2 ** -25

interface Limit {
  readonly title: string
  readonly accepted: readonly Partial<ExperienceInput>[]
  readonly refused: readonly Partial<ExperienceInput>[]
  readonly code: string
  readonly field: string
}

const fieldLimits: readonly Limit[] = [
  {
    title: 'test_record_experience_max_content_size_accepted, test_record_experience_content_too_large_rejected: bytes',
    accepted: [{ content: 'x' }, { content: 'x'.repeat(102_400) }, { content: '€'.repeat(34_133) + 'x' }],
    refused: [{ content: 'x'.repeat(102_401) }, { content: '€'.repeat(34_133) + 'é' }],
    code: 'CONTENT_TOO_LARGE',
    field: 'content',
  },
  {
    title: 'test_record_experience_empty_content_rejected',
    accepted: [{ content: ' ' }, { content: '\0' }],
    refused: [{ content: '' }],
    code: 'REQUIRED_FIELD',
    field: 'content',
  },
  ...(['importance', 'confidence'] as const).map((field) => ({
    title: `test_record_experience_boundary_importance_values, test_record_experience_${field}_out_of_range_rejected`,
    accepted: [{ [field]: 0 }, { [field]: 1 }, { [field]: ROUNDS_TO_ONE }, { [field]: -0 }],
    refused: [1.5, -0.1, NEXT_AFTER_ONE, -1.5e-45, NaN, Infinity, -Infinity].map((value) => ({ [field]: value })),
    code: 'INVALID_FIELD',
    field,
  })),
  {
    title: 'test_record_experience_max_domain_tags_accepted, test_record_experience_too_many_domain_tags_rejected',
    accepted: [{ domain: times(50, 'tag') }],
    refused: [{ domain: times(51, 'tag') }, { domain: times(1001, 'tag') }],
    code: 'TOO_MANY_ITEMS',
    field: 'domain',
  },
  {
    title: 'test_record_experience_domain_tag_too_long_rejected: at most 100 bytes',
    accepted: [{ domain: ['t'.repeat(100), 'é'.repeat(50), ''] }],
    refused: [{ domain: ['t'.repeat(101)] }, { domain: ['é'.repeat(50) + 't'] }],
    code: 'INVALID_FIELD',
    field: 'domain[0]',
  },
  {
    title: 'relatedFiles: at most 100',
    accepted: [{ relatedFiles: times(100, 'a.ts') }],
    refused: [{ relatedFiles: times(101, 'a.ts') }],
    code: 'TOO_MANY_ITEMS',
    field: 'relatedFiles',
  },
  {
    title: 'relatedFiles: paths of at most 500 bytes',
    accepted: [{ relatedFiles: ['f'.repeat(500), '€'.repeat(166)] }],
    refused: [{ relatedFiles: ['f'.repeat(501)] }, { relatedFiles: ['€'.repeat(167)] }],
    code: 'INVALID_FIELD',
    field: 'relatedFiles[0]',
  },
  {
    title: 'test_record_experience_source_agent_too_long_rejected: at most 256 bytes',
    accepted: [{ sourceAgent: 'a' }, { sourceAgent: 'a'.repeat(256) }, { sourceAgent: 'é'.repeat(128) }],
    refused: [{ sourceAgent: 'a'.repeat(257) }, { sourceAgent: 'é'.repeat(128) + 'a' }],
    code: 'INVALID_FIELD',
    field: 'sourceAgent',
  },
  {
    title: 'sourceAgent: not empty',
    accepted: [],
    refused: [{ sourceAgent: '' }],
    code: 'REQUIRED_FIELD',
    field: 'sourceAgent',
  },
  {
    title: 'sourceTask: at most 1,024 bytes',
    accepted: [{ sourceTask: '' }, { sourceTask: 't'.repeat(1024) }, { sourceTask: 'é'.repeat(512) }],
    refused: [{ sourceTask: 't'.repeat(1025) }, { sourceTask: 'é'.repeat(513) }],
    code: 'CONTENT_TOO_LARGE',
    field: 'sourceTask',
  },
  {
    title: 'type texts: at most 10,240 bytes each',
    accepted: [{ type: { ...typesByKind.fact, statement: 's'.repeat(10_240), source: 'é'.repeat(5_120) } }],
    refused: [
      { type: { ...typesByKind.fact, source: 's'.repeat(10_241) } },
      { type: { ...typesByKind.fact, source: 'é'.repeat(5_121) } },
    ],
    code: 'CONTENT_TOO_LARGE',
    field: 'type.source',
  },
  {
    title: 'test_record_experience_success_pattern_quality_out_of_range_rejected',
    accepted: [0, 0.95, 1].map((quality) => ({ type: { ...typesByKind.successPattern, quality } })),
    refused: [1.5, -0.1, NaN].map((quality) => ({ type: { ...typesByKind.successPattern, quality } })),
    code: 'INVALID_FIELD',
    field: 'type.quality',
  },
  {
    title: 'test_record_experience_user_preference_strength_out_of_range_rejected',
    accepted: [0, 0.5, 1].map((strength) => ({ type: { ...typesByKind.userPreference, strength } })),
    refused: [1.5, -0.1, NaN].map((strength) => ({ type: { ...typesByKind.userPreference, strength } })),
    code: 'INVALID_FIELD',
    field: 'type.strength',
  },
]

/** What comes back of a field: numbers in single precision, and no negative zero. */
const stored = (value: unknown): unknown => (typeof value === 'number' ? Math.fround(value) + 0 : value)

export const limitsContract = (open: OpenStore): void => {
  describe('limits of an experience', () => {
    const store = sharedStore(open)

    it.each(titled(fieldLimits))('P10 %s', async (_title, { accepted, refused, code, field }) => {
      const hive = await store.collective()
      for (const fields of accepted) {
        const { id } = await hive.record(experience(fields))
        const found = await hive.get(id)
        for (const name of Object.keys(fields) as (keyof ExperienceInput & keyof Experience)[])
          if (name !== 'type') expect(found?.[name]).toEqual(stored(fields[name]))
      }
      for (const fields of refused) {
        await expectRefusal(hive.record(experience(fields)), code, field)
        const batch = hive.recordMany([experience(), experience(fields)])
        await expectRefusal(batch, code, `experiences[1].${field}`)
      }
      expect((await hive.stats()).experienceCount).toBe(accepted.length)
    })

    it.each(titled(fieldLimits.filter(({ field }) => /^(importance|confidence|domain|relatedFiles)/.test(field))))(
      'P10 on update, %s',
      async (_title, { accepted, refused, code, field }) => {
        const hive = await store.collective()
        const { id } = await hive.record(experience())
        for (const patch of refused) await expectRefusal(hive.update(id, patch), code, `patch.${field}`)
        expect(await hive.get(id)).toMatchObject({ version: 1 })
        for (const patch of accepted) await hive.update(id, patch)
        expect(await hive.get(id)).toMatchObject({ version: 1 + accepted.length })
      },
    )

    it('importance is compared in single precision, so a threshold of the value that was given finds it', async () => {
      const hive = await store.collective()
      const { id } = await hive.record(experience({ importance: 0.9, confidence: 0.1 }))
      const filter: FilterInput = { minImportance: 0.9, minConfidence: 0.1 }
      expect((await hive.recent({ filter })).map((item) => item.id)).toEqual([id])
    })

    it('P10 a request of more than 8 MB is REQUEST_TOO_LARGE, one below it is recorded whole', async () => {
      const hive = await store.collective()
      const batch = (count: number) => times(count, experience({ content: 'x'.repeat(100_000) }))
      const fault = await expectRefusal(hive.recordMany(batch(81)), 'REQUEST_TOO_LARGE')
      expect(fault.details.limit).toBe(limits.REQUEST_BYTES_MAX)
      const { ids } = await hive.recordMany(batch(79))
      const found = await hive.getMany(ids)
      expect(found.every((item) => item?.content.length === 100_000)).toBe(true)
    })
  })
}
