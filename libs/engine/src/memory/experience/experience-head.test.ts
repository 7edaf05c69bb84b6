import { encodeMessagePack, type ExperienceId } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { decodeExperienceContent, decodeExperienceHead } from './experience-head.ts'
import { decodeExperience } from './experience-rows.ts'

const ID = '00000000-0000-7000-8000-000000000001' as ExperienceId

const rowOf = (content: string, { files = ['a.ts'], expiresAt }: { files?: string[]; expiresAt?: number } = {}) =>
  encodeMessagePack([
    ...[content, { kind: 'generic' }, 0.5, 0.25, { here: 2 }, ['bees'], files, 'ana', 'task'],
    ...[1_000, 2_000, true, 3, 17, 4],
    ...(expiresAt === undefined ? [] : [expiresAt]),
  ])

describe('parts of the row of an experience', () => {
  // The lengths at which MessagePack writes the head of a text in another way, and others beside them.
  test.each([0, 1, 31, 32, 255, 256, 65_535, 65_536, 100_000])('are as in the whole with a content of %i', (length) => {
    for (const content of ['x'.repeat(length), 'ü'.repeat(length >> 1), '🐝'.repeat(length >> 2)])
      for (const rest of [
        {},
        { expiresAt: 5_000 },
        { files: Array.from({ length: 500 }, (_, n) => `source-${n}.ts`) },
      ]) {
        const bytes = rowOf(content, rest)
        const { content: whole, ...head } = decodeExperience(ID, bytes)
        expect(decodeExperienceHead(ID, bytes)).toMatchObject(head)
        expect(decodeExperienceContent(bytes)).toBe(whole)
      }
  })

  test('are not those of the row before', () => {
    const first = decodeExperienceHead(ID, rowOf('one', { files: ['long-name-of-a-file.ts'] }))
    decodeExperienceHead(ID, rowOf('two', { files: ['x'] }))
    expect(first.relatedFiles).toEqual(['long-name-of-a-file.ts'])
  })
})
