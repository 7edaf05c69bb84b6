/** PulseDB's `src/experience/validation.rs`: each bound of a field, at it and one past it. */
import { expect } from 'vitest'
import type { Cases, ParityCase } from './parity-store.ts'
import { expectInvalid, manyOf, newExperience, read, record, textOf, typesByKind, vectorOf } from './samples.ts'

const title = (name: string, what: string): string => `src/experience/validation.rs ${name}: ${what}`

/** Fields of a record that are taken, and come back as they were given. */
const taken: readonly (readonly [name: string, what: string, fields: object])[] = [
  ['test_valid_experience_passes', 'ordinary fields', { importance: 0.75, confidence: 0.5, domain: ['rust'] }],
  ['test_importance_exactly_zero_passes', '0', { importance: 0 }],
  ['test_importance_exactly_one_passes', '1', { importance: 1 }],
  ['test_confidence_exactly_zero_passes', '0', { confidence: 0 }],
  ['test_confidence_exactly_one_passes', '1', { confidence: 1 }],
  ['test_content_exactly_at_max_size_passes', '102,400 bytes', { content: 'é'.repeat(51_200) }],
  ['test_exactly_max_domain_tags_passes', '50 tags, empty and repeated ones too', { domain: manyOf(50, () => '') }],
  ['test_exactly_max_source_files_passes', '100 paths', { relatedFiles: manyOf(100, (index) => `f${index}`) }],
  ['test_domain_tag_exactly_at_max_length_passes', '100 bytes', { domain: ['é'.repeat(50)] }],
  ['test_file_path_exactly_at_max_length_passes', '500 bytes', { relatedFiles: ['é'.repeat(250)] }],
  ['test_source_agent_exactly_max_length_passes', '256 bytes', { sourceAgent: 'é'.repeat(128) }],
  ['test_success_pattern_valid_quality_passes', 'a half', { type: { ...typesByKind.successPattern, quality: 0.5 } }],
  ['test_success_pattern_quality_zero_passes', '0', { type: { ...typesByKind.successPattern, quality: 0 } }],
  ['test_success_pattern_quality_one_passes', '1', { type: { ...typesByKind.successPattern, quality: 1 } }],
  [
    'test_user_preference_valid_strength_passes',
    'a quarter',
    { type: { ...typesByKind.userPreference, strength: 0.25 } },
  ],
  ['test_generic_experience_type_passes', 'without a category', { type: { kind: 'generic' } }],
  ['test_difficulty_experience_type_passes', 'with its severity', { type: typesByKind.difficulty }],
]

type Refused = readonly [name: string, what: string, fields: object, code: string, field: string]

/** Fields of a record that are refused. */
const refused: readonly Refused[] = [
  ['test_empty_content_rejected', 'no content', { content: '' }, 'REQUIRED_FIELD', 'content'],
  ['test_content_too_large_rejected', '102,401 bytes', { content: textOf(102_401) }, 'CONTENT_TOO_LARGE', 'content'],
  ['test_importance_negative_rejected', '-0.1', { importance: -0.1 }, 'INVALID_FIELD', 'importance'],
  ['test_importance_above_one_rejected', '1.1', { importance: 1.1 }, 'INVALID_FIELD', 'importance'],
  ['test_confidence_out_of_range_rejected', 'no number', { confidence: NaN }, 'INVALID_FIELD', 'confidence'],
  ['test_too_many_domain_tags_rejected', '51', { domain: manyOf(51, () => 'd') }, 'TOO_MANY_ITEMS', 'domain'],
  ['test_domain_tag_too_long_rejected', '101 bytes', { domain: ['a', textOf(101)] }, 'INVALID_FIELD', 'domain[1]'],
  [
    ...(['test_too_many_related_files_rejected', '101', { relatedFiles: manyOf(101, () => 'f') }] as const),
    ...(['TOO_MANY_ITEMS', 'relatedFiles'] as const),
  ],
  [
    ...(['test_file_path_too_long_rejected', '501 bytes', { relatedFiles: [textOf(501)] }] as const),
    ...(['INVALID_FIELD', 'relatedFiles[0]'] as const),
  ],
  [
    ...(['test_embedding_required_for_external_provider', 'without a vector', { embedding: undefined }] as const),
    ...(['REQUIRED_FIELD', 'embedding'] as const),
  ],
  [
    ...(['test_embedding_dimension_mismatch_rejected', '383', { embedding: vectorOf(1, 383) }] as const),
    ...(['DIMENSION_MISMATCH', 'embedding'] as const),
  ],
  ['test_empty_source_agent_rejected', 'no name', { sourceAgent: '' }, 'REQUIRED_FIELD', 'sourceAgent'],
  ['test_source_agent_too_long_rejected', '257 bytes', { sourceAgent: textOf(257) }, 'INVALID_FIELD', 'sourceAgent'],
  [
    ...(['test_success_pattern_quality_above_one_rejected', '1.1'] as const),
    ...([{ type: { ...typesByKind.successPattern, quality: 1.1 } }, 'INVALID_FIELD', 'type.quality'] as const),
  ],
  [
    ...(['test_success_pattern_quality_negative_rejected', '-0.1'] as const),
    ...([{ type: { ...typesByKind.successPattern, quality: -0.1 } }, 'INVALID_FIELD', 'type.quality'] as const),
  ],
  [
    ...(['test_user_preference_strength_above_one_rejected', '1.1'] as const),
    ...([{ type: { ...typesByKind.userPreference, strength: 1.1 } }, 'INVALID_FIELD', 'type.strength'] as const),
  ],
  [
    ...(['test_user_preference_strength_negative_rejected', '-0.1'] as const),
    ...([{ type: { ...typesByKind.userPreference, strength: -0.1 } }, 'INVALID_FIELD', 'type.strength'] as const),
  ],
]

/** Patches that are refused. */
const refusedPatches: readonly Refused[] = [
  ['test_update_invalid_importance_rejected', '1.1', { importance: 1.1 }, 'INVALID_FIELD', 'patch.importance'],
  ['test_update_invalid_confidence_rejected', '-0.1', { confidence: -0.1 }, 'INVALID_FIELD', 'patch.confidence'],
  [
    ...(['test_update_too_many_domain_tags_rejected', '51', { domain: manyOf(51, () => 'd') }] as const),
    ...(['TOO_MANY_ITEMS', 'patch.domain'] as const),
  ],
  [
    ...(['test_update_domain_tag_too_long_rejected', '101 bytes', { domain: [textOf(101)] }] as const),
    ...(['INVALID_FIELD', 'patch.domain[0]'] as const),
  ],
]

const update = async ({ call, collective }: ParityCase, id: string, patch: object) =>
  call('experience.update', { collective, id, patch })

export const validationParity = (it: Cases): void => {
  for (const [name, what, fields] of taken)
    it(title(name, what), async (given) => {
      expect(await read(given, await record(given, fields))).toMatchObject(fields)
    })

  for (const [name, what, fields, code, field] of refused)
    it(title(name, what), async ({ call, collective }) => {
      await expectInvalid(call('experience.record', newExperience(collective, fields)), code, field)
      expect((await call('collective.stats', { collective })).stats.experienceCount).toBe(0)
    })

  for (const [name, what, patch, code, field] of refusedPatches)
    it(title(name, what), async (given) => {
      const id = await record(given)
      await expectInvalid(update(given, id, patch), code, field)
      expect((await read(given, id)).version).toBe(1)
    })

  it(title('test_source_agent_too_long_error_message', 'names the size and the limit'), async (given) => {
    const recording = record(given, { sourceAgent: textOf(300) })
    const { message, details } = await expectInvalid(recording, 'INVALID_FIELD', 'sourceAgent')
    expect(message).toContain('256')
    expect(details).toMatchObject({ size: 300, limit: 256 })
  })

  it(title('test_empty_update_passes', 'and changes nothing'), async (given) => {
    const id = await record(given)
    expect(await update(given, id, {})).toMatchObject({ version: 1 })
  })

  it(title('test_update_valid_importance_passes', 'both ends of the range'), async (given) => {
    const id = await record(given)
    for (const importance of [0, 1]) {
      await update(given, id, { importance })
      expect((await read(given, id)).importance).toBe(importance)
    }
  })
}
