/** `waggle import`: a file of experiences, one a line, into a collective. */
import { isFault } from '@waggle/kernel'
import { fault } from '@waggle/protocol'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import type { ExitCode } from '../host.ts'
import { runImport } from '../import/import-run.ts'
import { decodeFieldMap, type FieldMap } from '../import/line-fields.ts'
import { decodeInteger, decodeNumber } from '../option-values.ts'
import { withStore, type Task } from '../task.ts'

/** Beyond this the store would answer `busy`, and a line that has to wait loses its place. */
const CONCURRENCY_MAX = 1_000
/** What a group commit takes at once. */
const CONCURRENCY_DEFAULT = 64

interface ImportOptions {
  readonly embeddings?: string
  readonly dimension?: number
  readonly embedder?: string
  readonly concurrency: number
  readonly map?: FieldMap
  readonly keepGoing?: boolean
  readonly restore?: boolean
}

export const addImportCommand = (program: Command, bind: Bind): void => {
  program
    .command('import')
    .argument('<collective>', 'its name or id')
    .argument('<file.jsonl>', 'one experience a line; - is stdin')
    .description('import experiences; repeating an import, whole or interrupted, doubles nothing')
    .option('--embeddings <file.f32>', 'little-endian float32 rows; row i belongs to line i')
    .option('--dimension <n>', 'create the collective, with this dimension, if there is none', decodeNumber)
    .option('--embedder <name>', 'with --dimension: makes embeddings that are missing (hashing)')
    .option(
      '--concurrency <n>',
      `lines under way at once, 1..${CONCURRENCY_MAX}; 1 keeps their order on a cluster, too`,
      decodeInteger({ min: 1, max: CONCURRENCY_MAX }),
      CONCURRENCY_DEFAULT,
    )
    .option('--map <content=text,…>', 'which field of a line holds what', decodeFieldMap)
    .option('--keep-going', 'report bad lines and go on')
    .option('--restore', 'lines of an export, with the fields that the store owns')
    .action(
      bind(async (task, idOrName: string, path: string, options: ImportOptions) => {
        const { dimension, embedder } = options
        if (embedder !== undefined && dimension === undefined) throw new UsageError('--embedder needs --dimension')
        return withStore(task, async (waggle) =>
          importInto(task, await collectiveFor(waggle, idOrName, options), path, options),
        )
      }),
    )
}

const importInto = async (
  task: Task,
  hive: CollectiveHandle,
  path: string,
  { embeddings, concurrency, map, keepGoing = false, restore = false }: ImportOptions,
): Promise<ExitCode> =>
  runImport(task, {
    ...{ hive, path, concurrency, keepGoing, restore },
    ...(embeddings === undefined ? {} : { embeddings }),
    ...(map === undefined ? {} : { map }),
  })

/** Created only with `--dimension`, so that a misspelt name does not make a collective. */
const collectiveFor = async (
  waggle: Waggle,
  idOrName: string,
  { dimension, embedder }: ImportOptions,
): Promise<CollectiveHandle> => {
  try {
    const hive = await waggle.collective(idOrName)
    if (dimension === undefined || dimension === hive.dimension) return hive
    throw fault('DIMENSION_MISMATCH', `collective has another dimension expected=${hive.dimension} got=${dimension}`, {
      field: 'dimension',
      expected: hive.dimension,
      got: dimension,
    })
  } catch (error) {
    if (!isFault(error) || error.code !== 'NOT_FOUND') throw error
    if (dimension === undefined)
      throw fault(
        'NOT_FOUND',
        `collective not found, and only --dimension creates it collective=${idOrName}`,
        error.details,
      )
    return waggle.getOrCreateCollective({ name: idOrName, dimension, embedder })
  }
}
