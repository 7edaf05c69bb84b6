/** A folder whose state is older than what was acknowledged: refused, or gone on with when an operator says so. */
import { cp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder, type TemporaryFolder } from '@waggle/engine/testing'
import type { Logger } from '@waggle/kernel'
import type { CollectiveHandle } from '@waggle/sdk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openWaggle, type OpenOptions } from './open-waggle.ts'

let folder: TemporaryFolder
let path: string
beforeEach(async () => {
  folder = await temporaryFolder()
  path = join(folder.path, 'store')
})
afterEach(async () => {
  await folder.remove()
})

const within = async <Result>(
  use: (hive: CollectiveHandle) => Promise<Result>,
  options: Partial<OpenOptions> = {},
): Promise<Result> => {
  const waggle = await openWaggle({ path, ...options })
  try {
    return await use(await waggle.getOrCreateCollective({ name: 'kept', dimension: 2 }))
  } finally {
    await waggle.close()
  }
}

const record =
  (content: string, idempotencyKey = content) =>
  (hive: CollectiveHandle) =>
    hive.record({ content, embedding: [1, 0] }, { idempotencyKey })

const contents = async (hive: CollectiveHandle): Promise<readonly string[]> =>
  (await hive.list()).items.map(({ content }) => content)

/** Writes `early`, then `late`, and puts the state back to what it was between the two. */
const turnBack = async (): Promise<{ readonly earlyToken: string; readonly lateToken: string }> => {
  const early = await within(record('early'))
  await cp(join(path, 'state'), join(folder.path, 'old state'), { recursive: true })
  const late = await within(async (hive) => {
    await record('late 1')(hive)
    return record('late 2')(hive)
  })
  await rm(join(path, 'state'), { recursive: true })
  await cp(join(folder.path, 'old state'), join(path, 'state'), { recursive: true })
  return { earlyToken: early.token, lateToken: late.token }
}

describe('a state that is older than what was acknowledged', () => {
  test('O2 P1 is CORRUPT, names what is missing, and is left as it is', async () => {
    await turnBack()
    for (let attempt = 0; attempt < 2; attempt += 1)
      await expect(openWaggle({ path })).rejects.toMatchObject({
        code: 'CORRUPT',
        details: { from: 4, to: 7, acceptable: true },
      })
    expect((await readdir(path)).filter((name) => name.startsWith('lock'))).toEqual([])
  })

  test('O2 is opened as it is when the loss is accepted, with a warning, and then goes on like any other', async () => {
    await turnBack()
    const warnings: string[] = []
    const logger = { warn: (message: string) => warnings.push(message) } as unknown as Logger
    expect(await within(contents, { acceptLoss: true, logger })).toEqual(['early'])
    expect(warnings).toHaveLength(1)
    await within(record('after'))
    expect(await within(contents)).toEqual(['early', 'after'])
  })

  test('O4 P5 a token of what was lost is never taken for one of what came in its place', async () => {
    const { earlyToken, lateToken } = await turnBack()
    await within(
      async (hive) => {
        for (const content of ['a', 'b', 'c', 'd']) await record(content)(hive)
        for (const token of [earlyToken, lateToken])
          await expect(hive.list({}, { token })).rejects.toMatchObject({ code: 'GENERATION_CHANGED' })
      },
      { acceptLoss: true },
    )
  })

  test('P2 what was lost is recorded again when it is sent again, and what was not lost is not', async () => {
    await turnBack()
    await within(
      async (hive) => {
        for (const content of ['early', 'late 1', 'late 2', 'early', 'late 2']) await record(content)(hive)
        expect(await contents(hive)).toEqual(['early', 'late 1', 'late 2'])
      },
      { acceptLoss: true },
    )
  })

  test('O2 the state of another folder is CORRUPT', async () => {
    await within(record('mine'))
    const mine = path
    path = join(folder.path, 'other')
    for (const content of ['theirs 1', 'theirs 2', 'theirs 3']) await within(record(content))
    await rm(join(mine, 'state'), { recursive: true })
    await cp(join(path, 'state'), join(mine, 'state'), { recursive: true })
    await expect(openWaggle({ path: mine })).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  test('accepting a loss where there is none changes nothing', async () => {
    const { token } = await within(record('kept'))
    expect(await within(async (hive) => (await hive.list({}, { token })).items.length, { acceptLoss: true })).toBe(1)
  })
})
