/** The storage port over a folder, as an application opens it. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isFault, silentLogger, systemClock, systemIds, systemRandom, systemTimers } from '@waggle/kernel'
import { DEFAULT_TENANT } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbeddedEngine } from '../folder/embedded-engine.ts'
import type { Storage } from './storage-engine.ts'
import { aCollective, anExperience, NOWHERE } from '../testing/storage/records.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openStorage, type OpenStorageOptions } from './open-storage.ts'

const ports = {
  ...{ clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds, logger: silentLogger },
}

let folder: TemporaryFolder
const opened: Storage[] = []
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((storage) => storage.close()))
  await folder.remove()
})

const open = async (options: Partial<OpenStorageOptions> = {}): Promise<Storage> => {
  const storage = await openStorage({ path: join(folder.path, 'store'), ...options }, ports)
  opened.push(storage)
  return storage
}

const refused = async (opening: Promise<unknown>): Promise<unknown> =>
  opening.then(
    () => 'opened',
    (error: unknown) => (isFault(error) ? { code: error.code, ...error.details } : error),
  )

describe('openStorage', () => {
  test('redb::test_database_files_created: the folder is there, and named', async () => {
    const storage = await open()
    expect(storage.path()).toBe(join(folder.path, 'store'))
    expect(existsSync(join(folder.path, 'store', 'state'))).toBe(true)
  })

  test('redb::test_open_existing_database: what was saved is there, the instance is the same', async () => {
    const storage = await open({ embeddingDimension: 3 })
    const collective = aCollective()
    await storage.saveCollective(collective)
    const [instance, { createdAt }] = [storage.instanceId(), storage.metadata()]
    await storage.close()
    const again = await open({ embeddingDimension: 3 })
    expect(await again.listCollectives()).toEqual([collective])
    expect(again.instanceId()).toBe(instance)
    expect(again.metadata()).toMatchObject({ createdAt, embeddingDimension: 3 })
  })

  test('sync_foundation::test_instance_id_unique_per_database', async () => {
    const [one, two] = [await open(), await open({ path: join(folder.path, 'other') })]
    expect(one.instanceId()).not.toBe(two.instanceId())
  })

  test('redb::test_dimension_mismatch_returns_error, and the folder is let go of', async () => {
    await (await open({ embeddingDimension: 384 })).close()
    const details = { field: 'embeddingDimension', expected: 768, got: 384 }
    expect(await refused(open({ embeddingDimension: 768 }))).toEqual({ code: 'DIMENSION_MISMATCH', ...details })
    await (await open({ embeddingDimension: 384 })).close()
  })

  test('a folder has one store at a time; close gives it back', async () => {
    const storage = await open()
    expect(await refused(open())).toMatchObject({ code: 'DATABASE_LOCKED' })
    await Promise.all([storage.close(), storage.close()])
    await open()
  })

  test('read only: shows what is there, writes nothing, makes no store; the original makes one (defect)', async () => {
    const path = join(folder.path, 'store')
    expect(await refused(open({ readOnly: true }))).toMatchObject({ code: 'NOT_FOUND', field: 'path' })
    expect(existsSync(path)).toBe(false)
    const storage = await open({ embeddingDimension: 3 })
    const collective = aCollective()
    await storage.saveCollective(collective)
    const metadata = storage.metadata()
    await storage.close()
    const reader = await open({ embeddingDimension: 3, readOnly: true })
    expect(reader.metadata()).toEqual(metadata)
    expect(await reader.getCollective(collective.id)).toEqual(collective)
    expect(await refused(reader.saveCollective(collective))).toEqual({ code: 'READ_ONLY' })
    await reader.close()
    expect((await open({ embeddingDimension: 3, readOnly: true })).metadata()).toEqual(metadata)
  })

  test('tenants of one folder are stores apart', async () => {
    const one = await open({ tenant: 'one', embeddingDimension: 3 })
    await one.saveCollective(aCollective())
    await one.close()
    const two = await open({ tenant: 'two', embeddingDimension: 768 })
    expect(await two.listCollectives()).toEqual([])
  })

  test('what operations wrote into the folder is there; opening for them alone leaves no metadata', async () => {
    const path = join(folder.path, 'store')
    const embedded = await openEmbeddedEngine({ ...ports, path, acceptLoss: false })
    const made = await embedded.execute(DEFAULT_TENANT, 'collective.create', { name: 'bees', dimension: 3 })
    await embedded.close()
    expect(await refused(open({ readOnly: true }))).toMatchObject({ code: 'NOT_FOUND', entity: 'metadata' })
    const storage = await open()
    expect(await storage.listCollectives()).toEqual([made.collective])
  })

  test('P1 what resolved is there after the process is gone, as it is without close', async () => {
    const storage = await open({ embeddingDimension: 3 })
    const collective = aCollective()
    await storage.saveCollective(collective)
    const experiences = Array.from({ length: 20 }, () => anExperience(collective.id))
    await Promise.all(experiences.map((experience) => storage.saveExperience(experience)))
    const sequence = await storage.getWalSequence()
    await storage.close()
    const again = await open({ embeddingDimension: 3 })
    expect(await again.getWalSequence()).toEqual(sequence)
    expect(await again.countExperiencesInCollective(collective.id)).toBe(20)
    expect((await again.pollSyncEvents(NOWHERE, 100)).length).toBe(21)
  })

  test.each([
    ['no path', { path: '' }, 'INVALID_FIELD', 'path'],
    ['a dimension of 0', { embeddingDimension: 0 }, 'INVALID_FIELD', 'embeddingDimension'],
    ['a dimension beyond the limit', { embeddingDimension: 4_097 }, 'INVALID_FIELD', 'embeddingDimension'],
    ['a readOnly that is none', { readOnly: 1 as never }, 'INVALID_FIELD', 'readOnly'],
    ['an acceptLoss that is none', { acceptLoss: 'yes' as never }, 'INVALID_FIELD', 'acceptLoss'],
    ['a tenant that is none', { tenant: '.' }, 'INVALID_FIELD', 'tenant'],
    ['an option that there is not', { dimension: 3 }, 'UNKNOWN_FIELD', 'dimension'],
  ])('P10 %s is refused before anything is opened', async (_, options: object, code, field) => {
    expect(await refused(open(options))).toMatchObject({ code, field })
    expect(existsSync(join(folder.path, 'store'))).toBe(false)
  })
})
