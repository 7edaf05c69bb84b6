/** `waggle keys reduce`. */
import type { ReduceInput, ReducedScalars } from '@waggle/sdk'
import { InvalidArgumentError, type Command } from 'commander'
import { addByteOptions, bytesOfWord, lineOfBytes, wordOfBytes, type ByteOptions } from '../byte-words.ts'
import type { Bind } from '../cli.ts'
import { withCollective } from '../task.ts'
import { oneLine } from '../terminal/text.ts'
import { familyOf } from './key-family.ts'

interface ReduceOptions extends ByteOptions {
  readonly start?: string
  readonly end?: string
  readonly prefix?: string
}

export const addReduce = (group: Command, bind: Bind): void => {
  const command = group
    .command('reduce')
    .argument('<collective>', 'its name or id')
    .argument('[json]', 'reducers, groupBy, filter (default: {"reducers":[{"op":"countAll"}]})', decodeRequest)
    .description('count, sum and compare over a range; 64-bit numbers are printed as digits')
    .option('--start <key>', 'from this key on')
    .option('--end <key>', 'up to this key')
    .option('--prefix <key>', 'of the keys that begin with it; fields of keys begin behind it')
  addByteOptions(command).action(
    bind(async (task, idOrName: string, request: ReduceInput | undefined, options: ReduceOptions) =>
      withCollective(task, idOrName, async ({ keys }) => {
        const [start, end] = [options.start, options.end].map((bound) =>
          bound === undefined ? undefined : bytesOfWord(bound, options),
        )
        const query = { reducers: [{ op: 'countAll' }], ...request, start, end }
        const { results, groups, rows, skipped } = await familyOf(keys, options.prefix, options).reduce(query)
        const form = {
          results: wordsOf(results, options),
          groups: groups.map((group) => ({
            values: wordsOf(group.values, options),
            results: wordsOf(group.results, options),
          })),
          ...{ rows, skipped },
        }
        await task.output.data(form, () => [
          ...(groups.length === 0 ? [lineOf(results, options)] : []),
          ...groups.map((group) => lineOf([...group.values, ...group.results], options)),
          `${rows} rows${Object.entries(skipped)
            .map(([reason, count]) => `, ${count} skipped: ${reason}`)
            .join('')}`,
        ])
        return 0
      }),
    ),
  )
}

const wordsOf = (scalars: ReducedScalars, options: ByteOptions): readonly unknown[] =>
  scalars.map((scalar) => {
    if (typeof scalar === 'bigint') return scalar.toString()
    return scalar instanceof Uint8Array ? wordOfBytes(scalar, options) : scalar
  })

/** For people. */
const lineOf = (scalars: ReducedScalars, options: ByteOptions): string =>
  scalars
    .map((scalar) => (scalar instanceof Uint8Array ? lineOfBytes(scalar, options) : oneLine(String(scalar))))
    .join('\t')

const decodeRequest = (text: string): ReduceInput => {
  try {
    return JSON.parse(text) as ReduceInput
  } catch {
    throw new InvalidArgumentError('It is not JSON.')
  }
}
