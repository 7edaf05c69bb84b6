/** `waggle export`: everything in a collective, one record a line, so that another one can take it in. */
import { systemIds } from '@waggle/kernel'
import type { CollectiveHandle } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { AtomicFile } from '../export/atomic-file.ts'
import { exportLines } from '../export/export-lines.ts'
import { stopIfInterrupted, withCollective, type Task } from '../task.ts'
import { counted, duration } from '../terminal/layout.ts'
import { wholeCollective } from '../whole-collective.ts'

export const addExportCommand = (program: Command, bind: Bind): void => {
  program
    .command('export')
    .argument('<collective>', 'its name or id')
    .description('experiences and insights with their embeddings, and relations; `import --restore` takes them back')
    .option('--out <file.jsonl>', 'into a file, which is whole or not there (default: stdout)')
    .action(
      bind(async (task, idOrName: string, { out }: { readonly out?: string }) =>
        withCollective(task, idOrName, async (hive) => {
          if (out === undefined) await exportTo(task, hive, async (text) => task.output.write(text))
          else await exportToFile(task, hive, out)
          return 0
        }),
      ),
    )
}

const exportTo = async (
  task: Task,
  hive: CollectiveHandle,
  write: (text: string) => Promise<void>,
): Promise<number> => {
  const { experienceCount, relationCount, insightCount } = await hive.stats()
  const total = experienceCount + relationCount + insightCount
  const reporter = task.output.reporter('export', 'records')
  let done = 0
  try {
    for await (const page of wholeCollective(hive)) {
      stopIfInterrupted(task)
      const lines = exportLines(page)
      await write(lines.join(''))
      done += lines.length
      reporter.progress(done, total === 0 ? 1 : done / total)
    }
  } finally {
    reporter.end()
  }
  return done
}

const exportToFile = async (task: Task, hive: CollectiveHandle, out: string): Promise<void> => {
  const { clock } = task.host
  const startedMs = clock.monotonicMs()
  const file = await AtomicFile.create(out, systemIds)
  try {
    const done = await exportTo(task, hive, async (text) => file.write(text))
    await file.commit()
    const took = duration(clock.monotonicMs() - startedMs)
    if (task.output.json) await task.output.data({ path: out, records: done }, () => [])
    else task.output.note(`${counted(done, 'record')} in ${took}: ${out}`)
  } finally {
    await file.discard()
  }
}
