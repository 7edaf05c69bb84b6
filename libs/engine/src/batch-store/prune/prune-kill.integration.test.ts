/** Prunes and rules whose process is killed while they are under way. */
import { poll, systemClock, systemTimers } from '@waggle/kernel'
import type { KeyEntry, PruneJob } from '@waggle/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startChild } from '../../testing/child-script.ts'
import { openFolderCall } from '../../testing/memory/folder-call.ts'
import { temporaryFolder, type TemporaryFolder } from '../../testing/temporary-folder.ts'

const CHILD = new URL('../../testing/prune/prune.child.ts', import.meta.url)
const COLLECTIVE = '00000000-0000-4000-9006-000000000001'
const KEYS = 8_000

let folder: TemporaryFolder
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(async () => {
  await folder.remove()
})

/** Has a process begin the job, and kills it after it has said so many times how far it is. @returns the job */
const beginAndKill = async (request: object, lines: number): Promise<string> => {
  const child = startChild(CHILD, { args: [folder.path, COLLECTIVE, String(KEYS), JSON.stringify(request)] })
  const job = await child.line()
  for (let line = 0; line < lines; line += 1) if ((await child.line()) === 'done') break
  child.signal('SIGKILL')
  await child.rest()
  await child.ended
  return job
}

const policies = [
  {
    keys: {
      selector: { prefix: 'a/', regex: '^(?<n>.*)$' },
      orderBy: { captureGroup: 'n', encoding: 'bytesAsc' },
    },
    retain: { keepLatest: { count: 3 } },
  },
]

test.each([0, 4])(
  'P1 P2 kill -9 of a prune, %d looks after its answer: it goes on, and is done once',
  async (lines) => {
    const request = { operation: 'keys.prune', policies }
    const job = await beginAndKill(request, lines)
    const { call, close } = await openFolderCall(folder.path)
    const again = await call('keys.prune', { collective: COLLECTIVE, policies, idempotencyKey: 'job' })
    expect(again.job).toBe(job)
    expect(await endOf(call, job)).toMatchObject({ isDone: true, keys: KEYS - 3 })
    const { items } = await call('keys.range', { collective: COLLECTIVE, start: 'a/', end: 'a/\u007f' })
    expect((items as KeyEntry[]).map(([key]) => Buffer.from(key).toString())).toEqual([
      ...['a/00007997', 'a/00007998', 'a/00007999'],
    ])
    expect(await call('keys.position', { collective: COLLECTIVE })).toMatchObject({ keyCount: 3 + 1_000 + 1 })
    await close()
  },
)

test.each([1])('P1 P2 kill -9 of a rule, %d looks after its answer: it holds on', async (lines) => {
  const rule = { keepLatest: { count: 1 } }
  const job = await beginAndKill({ operation: 'keys.setRetention', rule }, lines)
  const { call, close } = await openFolderCall(folder.path)
  // 8 batches of keys, and one of a thousand rows, which is pruned in steps.
  expect(await endOf(call, job)).toMatchObject({ isDone: true, batches: 9 })
  const { current, oldest } = await call('keys.position', { collective: COLLECTIVE })
  expect(oldest).toBe(current)
  await close()
})

type Call = Awaited<ReturnType<typeof openFolderCall>>['call']

const endOf = async (call: Call, job: string): Promise<PruneJob | undefined> => {
  let seen: PruneJob | undefined
  const ports = { clock: systemClock, timers: systemTimers }
  await poll(ports, { everyMs: 5, durationMsMax: 20_000 }, async () => {
    seen = (await call('keys.job', { collective: COLLECTIVE, job })).job as PruneJob | undefined
    return seen?.isDone === true || undefined
  })
  return seen
}
