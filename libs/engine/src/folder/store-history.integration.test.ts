/** Random histories of a collective's stores by processes that are killed: the models are right all the same. */
import { seededRandom } from '@waggle/kernel/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { HistoryProcess } from '../testing/history-process.ts'
import { openFolderCall } from '../testing/memory/folder-call.ts'
import { StoreHistory } from '../testing/stores/store-history.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'

const CHILD = new URL('../testing/stores/history.child.ts', import.meta.url)
const STEPS = 250

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

test.each([301])('P1 P2 P3 P4 P6 seed %d: kill -9 again and again leaves what the models say', async (seed) => {
  const random = seededRandom(seed)
  const history = new StoreHistory(seed, STEPS)
  const processes = new HistoryProcess(CHILD, { folder: folder.path, seed, steps: STEPS })
  for (let next = 0; next < STEPS;) {
    next = await processes.doUntilKilled(next, 1 + (random.uint32() % 90))
    const { call, close } = await openFolderCall(folder.path)
    // What was acknowledged is answered as it was; what was not is done now.
    for (let step = Math.max(0, next - 5); step < Math.min(STEPS, next + 1); step += 1) await history.step(call, step)
    await history.follow(call, 0)
    next += 1
    await close()
  }
  const { call, close } = await openFolderCall(folder.path)
  expect(await history.read(call)).toEqual(history.state)
  await history.follow(call, 0)
  expect(history.replica).toEqual(history.state.keys)
  await close()
})
