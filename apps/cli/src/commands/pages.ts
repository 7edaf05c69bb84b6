/** `waggle pages …`: pages with checksums, and memories in them. */
import { fault, type MemoryNode } from '@waggle/protocol'
import type { MemoryInput, PagesHandle } from '@waggle/sdk'
import type { Command } from 'commander'
import { addByteOptions, bytesOfWord, lineOfBytes, wordOfBytes, type ByteOptions } from '../byte-words.ts'
import type { Action, Bind } from '../cli.ts'
import { UsageError } from '../faults.ts'
import { readBytes, readJson, readJsonList } from '../json-input.ts'
import { decodeLifetime, decodeNumber, TTL_TEXT } from '../option-values.ts'
import { withCollective, type Task } from '../task.ts'
import { fields } from '../terminal/layout.ts'
import { oneLine } from '../terminal/text.ts'
import { writeOut } from './keys.ts'

export const addPageCommands = (program: Command, bind: Bind): void => {
  const group = program.command('pages').description('pages with checksums, and memories in them')
  addBytes(group, bind)
  addMemories(group, bind)
  addPlain(group, bind)
}

/** A command of a collective's pages. */
const ofPages =
  <Arguments extends readonly unknown[]>(
    use: (pages: PagesHandle, task: Task, ...rest: Arguments) => Promise<void>,
  ): Action<readonly [string, ...Arguments]> =>
  async (task, idOrName, ...rest) =>
    withCollective(task, idOrName, async ({ pages }) => {
      await use(pages, task, ...rest)
      return 0
    })

const of = (group: Command, name: string): Command => group.command(name).argument('<collective>', 'its name or id')

const say = async ({ output }: Task, form: object): Promise<void> => output.data(form, () => fields({ ...form }))

interface WriteOptions extends ByteOptions {
  readonly file?: string
}

const addBytes = (group: Command, bind: Bind): void => {
  of(group, 'allocate')
    .description('a page for bytes of your own')
    .action(bind(ofPages(async (pages, task) => say(task, await pages.allocate()))))
  addByteOptions(
    of(group, 'write')
      .argument('<page>', 'its number', decodeNumber)
      .argument('[bytes]', 'what it holds from now on, at most 65,504 bytes')
      .description('replace the bytes of a page')
      .option('--file <file>', 'the bytes of that file instead; - is stdin'),
  ).action(
    bind(
      ofPages(async (pages, task, page: number, word: string | undefined, { file, ...options }: WriteOptions) => {
        if ((word === undefined) === (file === undefined)) throw new UsageError('give the bytes, or --file')
        const bytes = file === undefined ? bytesOfWord(word ?? '', options) : await readBytes(task, file)
        await say(task, await pages.write(page, bytes))
      }),
    ),
  )
  addByteOptions(
    of(group, 'read')
      .argument('<page>', 'its number', decodeNumber)
      .description('the bytes of a page, which are verified')
      .option('--out <file>', 'write them there'),
  ).action(
    bind(
      ofPages(async (pages, task, page: number, { out, ...options }: ByteOptions & { readonly out?: string }) => {
        const { kind, bytes } = await pages.read(page)
        if (out === undefined)
          await task.output.data({ kind, bytes: wordOfBytes(bytes, options) }, () => [lineOfBytes(bytes, options)])
        else await writeOut(out, bytes)
      }),
    ),
  )
}

const addMemories = (group: Command, bind: Bind): void => {
  of(group, 'store')
    .argument('<file.json>', 'a memory, a list of them, or one a line; - is stdin')
    .description('store memories, all or none; an id that is there keeps its page')
    .option('--ttl <time>', TTL_TEXT, decodeLifetime)
    .option('--key <text>', 'idempotency key')
    .action(
      bind(
        ofPages(async (pages, task, path: string, { key, ttl }: { readonly key?: string; readonly ttl?: number }) => {
          const memories = (await readJsonList(task, path)) as readonly MemoryInput[]
          const { pages: numbers, token } = await pages.storeMemories(memories, { idempotencyKey: key, ttlMs: ttl })
          await task.output.data({ pages: numbers, token }, () => fields({ pages: numbers.join(', '), token }))
        }),
      ),
    )
  of(group, 'update')
    .argument('<page>', 'its number', decodeNumber)
    .argument('<file.json>', 'the memory; - is stdin')
    .description('replace the memory of a page')
    .action(
      bind(
        ofPages(async (pages, task, page: number, path: string) =>
          say(task, await pages.updateMemory(page, (await readJson(task, path)) as MemoryInput)),
        ),
      ),
    )
  of(group, 'load')
    .argument('<page-or-id>', 'number of its page, or its id')
    .description('one memory')
    .action(
      bind(
        ofPages(async (pages, task, place: string) => {
          const memory = await pages.loadMemory(placeOf(place))
          if (memory === undefined) throw fault('NOT_FOUND', `no memory there place=${place.slice(0, 60)}`)
          await task.output.data(memoryForm(memory), () => [
            `${memory.id}  ${memory.memoryType}  ${oneLine(memory.content)}`,
          ])
        }),
      ),
    )
  of(group, 'delete')
    .argument('<page-or-id>', 'number of its page, or its id')
    .description('forget a memory; its pages are free afterwards')
    .action(bind(ofPages(async (pages, task, place: string) => say(task, await pages.deleteMemory(placeOf(place))))))
}

/** As `pages store` takes it: bytes among the attributes are no text afterwards. */
const memoryForm = ({ attributes, ...memory }: MemoryNode): object => ({
  ...memory,
  attributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? { base64: wordOfBytes(value, { base64: true }) } : value,
    ]),
  ),
})

const placeOf = (place: string): number | string => (/^\d+$/.test(place) ? Number(place) : place)

const addPlain = (group: Command, bind: Bind): void => {
  of(group, 'checkpoint')
    .description('returns when everything that was written before is durable')
    .action(bind(ofPages(async (pages, task) => say(task, await pages.checkpoint()))))
  of(group, 'scan')
    .description('every memory by its page; each page is read and verified')
    .action(
      bind(
        ofPages(async (pages, task) => {
          const { items, damaged } = await pages.scan()
          for (const item of items) await task.output.data(item, () => [`${String(item.page).padStart(8)}  ${item.id}`])
          for (const page of damaged) task.output.warn('page is damaged', { page }, 'error')
        }),
      ),
    )
  of(group, 'status')
    .description('how many pages and memories there are')
    .action(bind(ofPages(async (pages, task) => say(task, { ...(await pages.status()) }))))
}
