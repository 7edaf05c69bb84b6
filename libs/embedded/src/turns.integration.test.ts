/** What a process that reads without end leaves to everybody else in it. */
import { temporaryFolder } from '@waggle/engine/testing'
import { expect, it } from 'vitest'
import { openWaggle } from './open-waggle.ts'

it('T1 P11 a loop of reads that are answered from memory leaves timers and writes their turn', async () => {
  const folder = await temporaryFolder()
  const waggle = await openWaggle({ path: folder.path })
  const hive = await waggle.createCollective({ name: 'busy', dimension: 1 })
  await hive.keys.put([['k', 'v']])
  let [reads, isOver] = [0, false]
  const reading = (async () => {
    // Without turns it would go on for ever, and stop the test itself: so it ends at some point.
    for (; !isOver && reads < 2_000_000; reads += 1) await hive.keys.get('k')
  })()
  const { id } = await hive.record({ content: 'written meanwhile', embedding: [1] })
  const whenWritten = reads
  isOver = true
  await reading
  expect(await hive.get(id)).toMatchObject({ content: 'written meanwhile' })
  expect([whenWritten > 0, whenWritten < 2_000_000]).toEqual([true, true])
  await waggle.close()
  await folder.remove()
})
