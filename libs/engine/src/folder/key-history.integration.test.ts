/** Random histories of keys by processes that are killed: the sorted map is right all the same. */
import { seededRandom } from '@waggle/kernel/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HistoryProcess } from '../testing/history-process.ts'
import { KeyHistory } from '../testing/keys/key-history.ts'
import { openFolderCall } from '../testing/memory/folder-call.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'

const CHILD = new URL('../testing/keys/history.child.ts', import.meta.url)
const STEPS = 250

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

test.each([501])('P1 P2 P3 P4 seed %d: kill -9 again and again leaves what a sorted map has', async (seed) => {
  const random = seededRandom(seed)
  const history = new KeyHistory(seed, STEPS)
  const processes = new HistoryProcess(CHILD, { folder: folder.path, seed, steps: STEPS })
  for (let next = 0; next < STEPS;) {
    next = await processes.doUntilKilled(next, 1 + (random.uint32() % 90))
    const { call, close } = await openFolderCall(folder.path)
    // What was acknowledged is answered as it was; what was not is done now.
    for (let step = Math.max(0, next - 5); step < Math.min(STEPS, next + 1); step += 1) await history.step(call, step)
    expect(await history.readSome(call, 20)).toBeUndefined()
    next += 1
    await close()
  }
  const { call, close } = await openFolderCall(folder.path)
  expect(await history.readAll(call)).toBeUndefined()
  expect(await history.readBatches(call)).toBeUndefined()
  await close()
})
