/**
 * A damaged folder is refused or whole: never silently less. Bytes are flipped, files are cut and taken away, and each
 * time the store either says so with a fault or shows everything that was acknowledged, and remembers every outcome.
 */
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isFault } from '@waggle/kernel'
import { seededRandom } from '@waggle/kernel/testing'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import type { Waggle } from '@waggle/sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWaggle } from './open-waggle.ts'
import { DIMENSION, perform } from './testing/steps.ts'

const STEPS = 900
const LATE_STEPS = 60
const FLIPS = 70
const CUTS_PER_FILE = 3

let folder: TemporaryFolder
let whole: string
let trial: string
let expected: string

/** Everything that the store shows, as one digest; keys that were used before must still have their outcomes. */
const fingerprint = async (waggle: Waggle): Promise<string> => {
  const hash = createHash('sha256')
  const hive = await waggle.collective('steps')
  hash.update(JSON.stringify([await waggle.collectives(), await hive.stats()]))
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: 500, cursor, include: ['embedding'] })
    for (const { embedding, ...fields } of page.items) {
      hash.update(JSON.stringify(fields)).update(Buffer.from((embedding as Float32Array).buffer))
      const found = await hive.get(fields.id)
      expect(found?.content, 'a record that is listed can be got').toBe(fields.content)
    }
    cursor = page.cursor
  } while (cursor !== undefined)
  const { results } = await hive.search({ embedding: new Float32Array(DIMENSION).fill(1), k: 1_000 })
  hash.update(JSON.stringify(results.map(({ experience, similarity }) => [experience.id, similarity])))
  const before = (await hive.stats()).experienceCount
  for (let n = 0; n < STEPS; n += 37) await perform(hive, n)
  expect((await hive.stats()).experienceCount, 'a repeated key records nothing').toBe(before)
  return hash.digest('hex')
}

beforeAll(async () => {
  folder = await temporaryFolder()
  whole = join(folder.path, 'whole')
  trial = join(folder.path, 'trial')
  const first = await openWaggle({ path: whole })
  const hive = await first.createCollective({ name: 'steps', dimension: DIMENSION })
  for (let n = 0; n < STEPS; n += 30)
    await Promise.all(Array.from({ length: 30 }, (_, offset) => perform(hive, n + offset)))
  await first.close()
  // Opening again turns the write-ahead log into tables; what is written now stays in the next log.
  const second = await openWaggle({ path: whole })
  const again = await second.collective('steps')
  for (let n = STEPS; n < STEPS + LATE_STEPS; n += 1) await perform(again, n)
  await second.close()
  expected = await outcomeOf(async () => undefined)
})
afterAll(async () => {
  await folder.remove()
})

/** What a copy of the folder shows after `damage`: a fault's code, or the fingerprint of its content. */
const outcomeOf = async (damage: (path: string) => Promise<void>): Promise<string> => {
  await rm(trial, { recursive: true, force: true })
  await cp(whole, trial, { recursive: true })
  await damage(trial)
  let waggle: Waggle | undefined
  try {
    waggle = await openWaggle({ path: trial })
    return await fingerprint(waggle)
  } catch (error) {
    if (!isFault(error) || error.kind === 'internal') throw error
    return `fault ${error.kind}`
  } finally {
    await waggle?.close()
  }
}

const filesOf = async (path: string): Promise<readonly string[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)))
    .sort()
}

const sizeOf = async (file: string): Promise<number> => (await stat(join(whole, file))).size

const flip = async (file: string, offset: number, bit: number): Promise<void> => {
  const bytes = await readFile(file)
  bytes[offset] = (bytes[offset] as number) ^ (1 << bit)
  await writeFile(file, bytes)
}

describe('S4 a damaged folder is refused or whole', () => {
  test('the folder has tables and a write-ahead log, and opens', async () => {
    const files = await filesOf(whole)
    expect(files.some((file) => file.endsWith('.ldb'))).toBe(true)
    expect(files.some((file) => file.endsWith('.log'))).toBe(true)
    expect(expected).not.toContain('fault')
  })

  test(`after a flipped bit, at ${FLIPS} places over all files`, async () => {
    const random = seededRandom(42)
    const files = await filesOf(whole)
    let refused = 0
    for (let trialNumber = 0; trialNumber < FLIPS; trialNumber += 1) {
      const file = files[trialNumber % files.length] as string
      const size = await sizeOf(file)
      if (size === 0) continue
      const [offset, bit] = [random.uint32() % size, random.uint32() % 8]
      const outcome = await outcomeOf((path) => flip(join(path, file), offset, bit))
      expect(['fault corrupt', expected], `${file} byte ${offset} bit ${bit}`).toContain(outcome)
      if (outcome !== expected) refused += 1
    }
    expect(refused).toBeGreaterThan(0)
  })

  test('after any file was cut short', async () => {
    const random = seededRandom(43)
    for (const file of await filesOf(whole))
      for (let cut = 0; cut < CUTS_PER_FILE; cut += 1) {
        const size = await sizeOf(file)
        if (size === 0) continue
        const length = random.uint32() % size
        const outcome = await outcomeOf((path) => truncate(join(path, file), length))
        expect(['fault corrupt', expected], `${file} cut to ${length} of ${size}`).toContain(outcome)
      }
  })

  test('after any file was taken away', async () => {
    for (const file of await filesOf(whole)) {
      const outcome = await outcomeOf((path) => rm(join(path, file)))
      expect(['fault corrupt', expected], `${file} removed`).toContain(outcome)
    }
  })

  test('after the whole state was taken away', async () => {
    expect(await outcomeOf((path) => rm(join(path, 'state'), { recursive: true }))).toBe('fault corrupt')
  })

  test('without the file of acknowledgements it is whole, and the file is made anew', async () => {
    expect(await outcomeOf((path) => rm(join(path, 'acknowledged')))).toBe(expected)
    expect((await stat(join(trial, 'acknowledged'))).size).toBeGreaterThan(0)
  })
})

describe('K2 a cut tail of the log', () => {
  const cutLog = async (path: string): Promise<void> => {
    const files = await filesOf(path)
    const log = files.filter((file) => file.endsWith('.log')).at(-1) as string
    await truncate(join(path, log), Math.floor((await sizeOf(log)) / 2))
  }

  test('is CORRUPT and names what is missing, each time it is opened', async () => {
    await rm(trial, { recursive: true, force: true })
    await cp(whole, trial, { recursive: true })
    await cutLog(trial)
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(openWaggle({ path: trial })).rejects.toMatchObject({
        code: 'CORRUPT',
        details: { from: expect.any(Number) as number, to: expect.any(Number) as number },
      })
  })

  test('can be accepted: then everything before it is there, in its order, and the store goes on', async () => {
    await rm(trial, { recursive: true, force: true })
    await cp(whole, trial, { recursive: true })
    await cutLog(trial)
    const waggle = await openWaggle({ path: trial, acceptLoss: true })
    const left = (await (await waggle.collective('steps')).list({ limit: 1_000 })).items.map(({ id }) => id)
    const all = await openWaggle({ path: whole })
    const before = (await (await all.collective('steps')).list({ limit: 1_000 })).items.map(({ id }) => id)
    await all.close()
    expect(before.slice(0, left.length)).toEqual(left)
    const hive = await waggle.collective('steps')
    for (let n = STEPS; n < STEPS + LATE_STEPS; n += 1) await perform(hive, n)
    await waggle.close()
    const reopened = await openWaggle({ path: trial })
    expect((await (await reopened.collective('steps')).stats()).experienceCount).toBe(await countOf(whole))
    await reopened.close()
  })
})

const countOf = async (path: string): Promise<number> => {
  const waggle = await openWaggle({ path })
  const { experienceCount } = await (await waggle.collective('steps')).stats()
  await waggle.close()
  return experienceCount
}
