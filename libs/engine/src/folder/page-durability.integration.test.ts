/** What a folder's pages are after its process has ended, in whichever way. */
import { cp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLogger, systemClock, systemIds, systemRandom, systemTimers, type Uuid } from '@waggle/kernel'
import { DEFAULT_TENANT, type ResultOf } from '@waggle/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startChild } from '../testing/child-script.ts'
import { FORGET_COLLECTIVE as collective, FORGOTTEN, STORED } from '../testing/pages/forget-plan.ts'
import { largeContent, memory, memoryId } from '../testing/pages/page-rig.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'
import { openEmbeddedEngine } from './embedded-engine.ts'

const CHILD = new URL('../testing/pages/forget.child.ts', import.meta.url)
const KEPT = Array.from({ length: STORED }, (_, n) => n).filter((n) => !FORGOTTEN.includes(n))

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

const ports = {
  ...{ clock: systemClock, timers: systemTimers, random: systemRandom, ids: systemIds, logger: silentLogger },
}
const open = async (path = folder.path) => openEmbeddedEngine({ path, acceptLoss: false, ...ports })
type Opened = Awaited<ReturnType<typeof open>>

const scan = async (engine: Opened): Promise<ResultOf<'pages.scan'>> =>
  (await engine.execute(DEFAULT_TENANT, 'pages.scan', { collective })) as unknown as ResultOf<'pages.scan'>

const idsOf = ({ items }: ResultOf<'pages.scan'>): readonly Uuid[] => items.map(({ id }) => id as Uuid).sort()

describe.each([
  ['a clean reopening', 'no', 'close'],
  ['a flush and reopening', 'flush', 'close'],
  ['a flush and crash', 'flush', 'kill'],
  ['a crash alone', 'no', 'kill'],
])('after %s', (_, flush, end) => {
  test('P1 forget_durability, test_append_then_sync_is_durable: the forgotten stay so, the rest is whole', async () => {
    const child = startChild(CHILD, { args: [folder.path, flush] })
    expect(await child.line()).toBe('ready')
    if (end === 'close') child.tell('close')
    else child.signal('SIGKILL')
    await child.ended
    const engine = await open()
    const found = await scan(engine)
    expect(idsOf(found)).toEqual(KEPT.map(memoryId))
    expect(found.damaged).toEqual([])
    for (const n of FORGOTTEN)
      expect(await engine.execute(DEFAULT_TENANT, 'pages.load', { collective, id: memoryId(n) })).not.toHaveProperty(
        'memory',
      )
    const memories = Array.from({ length: 8 }, (_each, n) => memory(100 + n))
    const pages = (await engine.execute(DEFAULT_TENANT, 'pages.store', { collective, memories })) as unknown as {
      readonly pages: readonly number[]
    }
    expect(new Set([...pages.pages, ...found.items.map(({ page }) => page)]).size).toBe(8 + KEPT.length)
    await engine.close()
    const again = await open()
    expect(idsOf(await scan(again))).toEqual([...KEPT.map(memoryId), ...memories.map(({ id }) => id)])
    await again.close()
  })
})

test('P8 test_recovery_idempotent: opening again and again after a crash changes nothing', async () => {
  const child = startChild(CHILD, { args: [folder.path, 'no'] })
  expect(await child.line()).toBe('ready')
  child.signal('SIGKILL')
  await child.ended
  const digests = new Set<string>()
  for (let time = 0; time < 3; time += 1) {
    const engine = await open()
    digests.add((await engine.digest()).digest)
    await engine.close()
  }
  expect(digests.size).toBe(1)
})

describe('a record that was written in part when the process ended', () => {
  const store = async (engine: Opened, n: number) =>
    engine.execute(DEFAULT_TENANT, 'pages.store', { collective, memories: [memory(n, { content: largeContent(2) })] })

  test('test_partial_write_recovery: is not there wherever it was cut, and all before it is', async () => {
    const [whole, trial] = [join(folder.path, 'whole'), join(folder.path, 'trial')]
    const engine = await open(whole)
    await engine.execute(DEFAULT_TENANT, 'collective.create', { id: collective, name: 'partial', dimension: 3 })
    await store(engine, 1)
    const logs = (await readdir(join(whole, 'state'))).filter((name) => name.endsWith('.log'))
    const log = join('state', logs.at(-1) as string)
    const before = (await stat(join(whole, log))).size
    // Nobody was told of the second one.
    await cp(join(whole, 'acknowledged'), join(folder.path, 'acknowledged'))
    await store(engine, 2)
    const after = (await stat(join(whole, log))).size
    expect(after).toBeGreaterThan(before + 130_000)
    for (const size of [before, before + 1, before + 6, before + 7, before + 40_000, before + 70_000, after - 1]) {
      await rm(trial, { recursive: true, force: true })
      await cp(whole, trial, { recursive: true, filter: (path) => !path.endsWith('lock') && !path.endsWith('LOCK') })
      await cp(join(folder.path, 'acknowledged'), join(trial, 'acknowledged'))
      await truncate(join(trial, log), size)
      const recovered = await open(trial)
      expect(await scan(recovered), `cut to ${size}`).toMatchObject({ items: [{ id: memoryId(1) }], damaged: [] })
      expect(await store(recovered, 3)).toMatchObject({ pages: [3] })
      await recovered.close()
      const again = await open(trial)
      expect(idsOf(await scan(again))).toEqual([1, 3].map(memoryId))
      await again.close()
    }
    await engine.close()
  })
})
