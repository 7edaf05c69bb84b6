/** `waggle experience update`. */
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { decodeLifetime, decodeNumber, decodeTags } from '../option-values.ts'
import { withCollective } from '../task.ts'
import { fields } from '../terminal/layout.ts'

interface UpdateOptions {
  readonly importance?: number
  readonly confidence?: number
  readonly domain?: readonly string[]
  readonly file?: readonly string[]
  readonly ifVersion?: number
  readonly ttl?: number | 'none'
}

const decodeTtl = (text: string): number | 'none' => (text === 'none' ? text : decodeLifetime(text))

export const addExperienceUpdate = (group: Command, bind: Bind): void => {
  group
    .command('update')
    .argument('<collective>', 'its name or id')
    .argument('<id>', 'of the experience')
    .description('replace fields of an experience')
    .option('--importance <0..1>', 'how much it matters', decodeNumber)
    .option('--confidence <0..1>', 'how sure it is', decodeNumber)
    .option('--domain <a,b>', 'tags, in place of all those before', decodeTags)
    .option('--file <path...>', 'files, in place of all those before')
    .option('--ttl <time|none>', 'how long it is to be seen from now on, such as 30s or 7d; none: for ever', decodeTtl)
    .option('--if-version <n>', 'only if it still has this version', decodeNumber)
    .action(
      bind(async (task, idOrName: string, id: string, options: UpdateOptions) => {
        const { importance, confidence, domain, file: relatedFiles, ifVersion, ttl } = options
        const patch = { importance, confidence, domain, relatedFiles }
        if (Object.values({ ...patch, ttl }).every((value) => value === undefined))
          throw new UsageError('nothing to update: give --importance, --confidence, --domain, --file or --ttl')
        return withCollective(task, idOrName, async (hive) => {
          const { version, token } = await hive.update(id, patch, { ifVersion, ttlMs: ttl === 'none' ? null : ttl })
          await task.output.data({ id, version, token }, () => fields({ id, version, token }))
          return 0
        })
      }),
    )
}
