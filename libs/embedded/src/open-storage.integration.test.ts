/** The storage port and the SDK over one folder, one after the other. */
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import type { ExperienceId } from '@waggle/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStorage } from './open-storage.ts'
import { openWaggle } from './open-waggle.ts'

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

test('what one of them wrote is there for the other', async () => {
  const waggle = await openWaggle({ path: folder.path })
  const hive = await waggle.createCollective({ name: 'bees', dimension: 3 })
  const { id } = await hive.record({ content: 'clover in the north', embedding: [1, 0, 0] })
  await waggle.close()

  const storage = await openStorage({ path: folder.path, embeddingDimension: 3 })
  const experience = await storage.getExperience(id as ExperienceId)
  expect(experience).toMatchObject({ content: 'clover in the north', collective: hive.id })
  expect(await storage.reinforceExperience(id as ExperienceId)).toBe(1)
  await storage.saveEmbedding(id as ExperienceId, Float32Array.of(0, 0, 1))
  await storage.close()

  const again = await openWaggle({ path: folder.path })
  const { results } = await (await again.collective(hive.id)).search({ embedding: [0, 0, 1], k: 1 })
  expect(results[0]).toMatchObject({ similarity: 1, experience: { id, applications: 1 } })
  await again.close()
})
