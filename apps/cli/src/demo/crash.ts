/** A process is killed while it writes; what it was told is stored, is stored (P1), and once (P2). */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Timers } from '@waggle/kernel'
import type { CollectiveHandle } from '@waggle/sdk'
import { openStore, type Task } from '../task.ts'
import { withTemporaryFolder } from '../temporary-folder.ts'
import { count, duration } from '../terminal/layout.ts'
import { contentOf, openCrashCollective, writeNumber } from './crash-writer.ts'
import { mark, timed, type Section, type Stage } from './section.ts'

/** Enough groups of writes to be in the midst of one. */
const ACKNOWLEDGED_MIN = 300
/** A machine that is this slow shows nothing any more. */
const DEADLINE_MS = 30_000

/** The command as npm links it; it lies beside `src` and `dist`. */
const COMMAND = fileURLToPath(new URL('../../bin/waggle.mjs', import.meta.url))

export const survive = async (stage: Stage, task: Task): Promise<Section> =>
  withTemporaryFolder(async (path) => {
    const { acknowledged, killed } = await killWriter(path, task.host.timers)
    const { result: waggle, ms: openMs } = await timed(stage.clock, async () => openStore(task, { path }))
    try {
      const hive = await openCrashCollective(waggle)
      const after = await storedContents(hive)
      const lost = acknowledged.filter((number) => !after.has(contentOf(number))).length
      const unacknowledged = after.size - acknowledged.length + lost
      // A writer that does not know how far it came sends everything again, and some more.
      const total = Math.max(0, ...acknowledged) + ACKNOWLEDGED_MIN
      for (let number = 0; number < total; number += 100)
        await Promise.all(range(number, Math.min(number + 100, total)).map(async (each) => writeNumber(hive, each)))
      const again = await storedContents(hive)
      const doubled = [...again.values()].filter((times) => times > 1).length
      const missing = total - again.size
      return crashSection(stage, {
        killed,
        acknowledged: acknowledged.length,
        unacknowledged,
        lost,
        doubled,
        missing,
        total,
        openMs,
      })
    } finally {
      await waggle.close()
    }
  })

interface CrashFacts {
  /** The process did not end by itself. */
  readonly killed: boolean
  readonly acknowledged: number
  /** Written, but killed before it could be told. */
  readonly unacknowledged: number
  readonly lost: number
  readonly doubled: number
  readonly missing: number
  /** How many were sent after the crash. */
  readonly total: number
  readonly openMs: number
}

const crashSection = (stage: Stage, facts: CrashFacts): Section => {
  const { killed, acknowledged, unacknowledged, lost, doubled, missing, total, openMs } = facts
  const isWhole = doubled === 0 && missing === 0
  return {
    name: 'crash',
    title: 'CRASH',
    subtitle: 'a process that writes is killed with SIGKILL in the midst of it; its store is opened again',
    lines: [
      `${mark(stage, lost === 0)} acknowledged ${count(acknowledged)}, lost ${count(lost)}; ` +
        `stored before it could be told: ${count(unacknowledged)}; open again in ${duration(openMs)}`,
      `${mark(stage, isWhole)} all ${count(total)} sent with their keys, those before the crash again: ` +
        `doubled ${count(doubled)}, missing ${count(missing)}`,
    ],
    facts: { ...facts },
    checks: [
      { promise: 'the process was killed while it wrote', kept: killed },
      { promise: 'an acknowledged write survives SIGKILL', kept: lost === 0 },
      { promise: 'a write that is repeated after a crash takes effect once', kept: isWhole },
    ],
  }
}

/** Starts the writer, kills it when enough was acknowledged, and gives all the numbers that were. */
const killWriter = async (
  path: string,
  timers: Timers,
): Promise<{ readonly acknowledged: readonly number[]; readonly killed: boolean }> => {
  const child = spawn(process.execPath, [COMMAND, 'demo-writer', '--path', path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = (): void => void child.kill('SIGKILL')
  const cancelDeadline = timers.after(DEADLINE_MS, kill)
  // Whatever ends this process must not leave the writer behind.
  process.once('exit', kill)
  const acknowledged: number[] = []
  const ended = once(child, 'close')
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(Number(line))
      if (acknowledged.length === ACKNOWLEDGED_MIN) kill()
    }
    const [, signal] = (await ended) as [number | null, NodeJS.Signals | null]
    return { acknowledged, killed: signal === 'SIGKILL' && acknowledged.length >= ACKNOWLEDGED_MIN }
  } finally {
    kill()
    cancelDeadline()
    process.off('exit', kill)
  }
}

/** How often each content is stored. */
const storedContents = async (hive: CollectiveHandle): Promise<ReadonlyMap<string, number>> => {
  const contents = new Map<string, number>()
  let cursor: string | undefined
  do {
    const page = await hive.list({ limit: 1000, cursor })
    for (const { content } of page.items) contents.set(content, (contents.get(content) ?? 0) + 1)
    cursor = page.cursor
  } while (cursor !== undefined)
  return contents
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, at) => from + at)
