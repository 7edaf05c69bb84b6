/** Random histories of a collective's whole memory by processes that are killed: the model is right all the same. */
import { seededRandom } from '@waggle/kernel/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../testing/child-script.ts'
import { openFolderCall } from '../testing/memory/folder-call.ts'
import { MemoryHistory } from '../testing/memory/memory-history.ts'
import { temporaryFolder, type TemporaryFolder } from '../testing/temporary-folder.ts'

const CHILD = new URL('../testing/memory/history.child.ts', import.meta.url)
const STEPS = 250

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

/** Lets a child do steps until it is killed at some moment; returns the first step that it was not told of. */
const doUntilKilled = async (seed: number, first: number, steps: number): Promise<number> => {
  const child = startChild(CHILD, { args: [folder.path, String(seed), String(STEPS), String(first)] })
  let next = first
  for (let line = ''; line !== 'done' && next - first < steps;) {
    line = await child.line()
    if (line !== 'done') next = Number(line) + 1
  }
  child.signal('SIGKILL')
  const rest = await child.rest()
  await child.ended
  return rest.reduce((last, line) => (line === 'done' ? last : Number(line) + 1), next)
}

test.each([101, 102])('P1 P2 P3 seed %d: kill -9 again and again leaves what the model says', async (seed) => {
  const random = seededRandom(seed)
  const history = new MemoryHistory(seed, STEPS)
  for (let next = 0; next < STEPS;) {
    next = await doUntilKilled(seed, next, 1 + (random.uint32() % 90))
    const { call, close } = await openFolderCall(folder.path)
    // What was acknowledged is answered as it was; what was not is done now.
    for (let step = Math.max(0, next - 5); step < Math.min(STEPS, next + 1); step += 1)
      expect(await history.step(call, step)).toBeUndefined()
    next += 1
    await close()
  }
  const { call, close } = await openFolderCall(folder.path)
  expect(await history.read(call)).toEqual(history.state)
  await close()
})
