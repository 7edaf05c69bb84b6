/** The rules that are asked before a line is sent are the store's own, told in the same words. */
import { openWaggle } from '@waggle/embedded'
import { isFault } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import type { ExperienceInput } from '@waggle/sdk'
import { expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { checkedExperience } from './line-rules.ts'

const good = { content: 'a', embedding: [1, 2] }

const bad: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { content: 'a' },
  { content: 'a', embedding: [] },
  { content: 'a', embedding: [1] },
  { content: 'a', embedding: [0, 0] },
  { content: 'a', embedding: [1, 1e39] },
  { content: 'a', embedding: 'text' },
  { content: 'a', embedding: [1, 'b'] },
  { ...good, content: '' },
  { ...good, content: 7 },
  { ...good, content: '\ud800' },
  { ...good, content: 'x'.repeat(limits.CONTENT_BYTES_MAX + 1) },
  { ...good, importance: -0.1 },
  { ...good, importance: 'high' },
  { ...good, confidence: 1.1 },
  { ...good, domain: Array.from({ length: limits.DOMAIN_TAGS_MAX + 1 }, () => 'a') },
  { ...good, domain: ['a', 'x'.repeat(limits.DOMAIN_TAG_BYTES_MAX + 1)] },
  { ...good, domain: 'a' },
  { ...good, relatedFiles: Array.from({ length: limits.RELATED_FILES_MAX + 1 }, () => 'a') },
  { ...good, relatedFiles: ['x'.repeat(limits.RELATED_FILE_BYTES_MAX + 1)] },
  { ...good, sourceAgent: '' },
  { ...good, sourceAgent: 'x'.repeat(limits.SOURCE_AGENT_BYTES_MAX + 1) },
  { ...good, sourceTask: 'x'.repeat(limits.SOURCE_TASK_BYTES_MAX + 1) },
  { ...good, type: 'fact' },
  { ...good, type: { kind: 'fact', statement: 's' } },
  { ...good, type: { kind: 'successPattern', taskType: 't', approach: 'a', quality: 2 } },
  { ...good, type: { kind: 'userPreference', category: 'c', preference: 'p', strength: -1 } },
  { ...good, id: 'no uuid' },
  // Two things wrong at once: the same one comes first.
  { content: '', importance: 7, embedding: [1] },
  { content: 'a', importance: 7, embedding: [1] },
  { content: 'a', sourceAgent: '', embedding: [1] },
]

const faultOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
    return 'accepted'
  } catch (error) {
    return isFault(error) ? error.toJSON() : error
  }
}

it('every bad record meets the same fault before it is sent and in the store', async () => {
  const waggle = await openWaggle({ path: testFolder() })
  try {
    const hive = await waggle.createCollective({ name: 'team', dimension: 2 })
    for (const fields of bad) {
      const asked = await faultOf(() => checkedExperience(hive.info, fields))
      const told = await faultOf(async () => hive.record(fields as unknown as ExperienceInput))
      expect(asked).toEqual(told)
      expect(asked).toMatchObject({ kind: 'invalid' })
    }
    expect(await hive.stats()).toMatchObject({ experienceCount: 0 })
  } finally {
    await waggle.close()
  }
})
