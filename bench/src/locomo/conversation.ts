/**
 * Conversations with questions, as a folder holds them: `<name>/{turns,questions}.jsonl`, a line a turn or question,
 * and `<name>/{turns,questions}.f32`, in which row i is the vector of line i (little-endian single precision).
 * `manifest.json`, where there is one, lists the conversations and the dimension; else every subfolder with turns is
 * one, and the sizes of the files tell the dimension.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../command-line.ts'

export interface Turn {
  /** Unique in its conversation; what evidence names. */
  readonly id: string
  readonly session: number
  readonly speaker: string
  readonly text: string
  /** Of an image that came with the text. */
  readonly caption?: string
}

export interface Question {
  readonly q: string
  readonly category: number
  /** Ids of turns. */
  readonly evidence: readonly string[]
}

export type Embedded<Item> = Item & { readonly embedding: Float32Array }

export interface Conversation {
  readonly id: string
  readonly turns: readonly Embedded<Turn>[]
  readonly questions: readonly Embedded<Question>[]
}

export interface ConversationSet {
  readonly name: string
  readonly dimension: number
  readonly conversations: readonly Conversation[]
}

/** What was embedded, and is stored: the text with the name of who said it. */
export const turnText = ({ speaker, text, caption }: Turn): string =>
  `${speaker}: ${text}${caption === undefined ? '' : ` [image: ${caption}]`}`

/** Categories 1-4; the fifth asks for what the conversation does not say. */
export const isHeadline = ({ category, evidence }: Question): boolean => category <= 4 && evidence.length > 0

/** @throws UsageError when the folder holds no conversations; Error when its files do not fit together */
export const readConversations = async (folder: string): Promise<ConversationSet> => {
  const manifest = await readManifest(folder)
  const ids = manifest?.conversations?.map(({ id }) => id) ?? (await conversationFolders(folder))
  if (ids.length === 0) throw new UsageError(`no conversations in ${folder}`)
  const conversations: Conversation[] = []
  for (const id of ids) conversations.push(await readConversation(join(folder, id), id))
  const dimension = manifest?.dim ?? conversations[0]?.turns[0]?.embedding.length ?? 0
  for (const { id, turns, questions } of conversations)
    for (const { embedding } of [...turns, ...questions])
      if (embedding.length !== dimension) throw new Error(`${id}: a vector has ${embedding.length} components`)
  return {
    name: [manifest?.name ?? 'unnamed', manifest?.split].filter((part) => part !== undefined).join('/'),
    dimension,
    conversations,
  }
}

interface Manifest {
  readonly name?: string
  readonly split?: string
  readonly dim?: number
  readonly conversations?: readonly { readonly id: string }[]
}

const readManifest = async (folder: string): Promise<Manifest | undefined> => {
  const file = join(folder, 'manifest.json')
  return existsSync(file) ? (JSON.parse(await readFile(file, 'utf8')) as Manifest) : undefined
}

const conversationFolders = async (folder: string): Promise<readonly string[]> => {
  if (!existsSync(folder)) throw new UsageError(`no folder ${folder}`)
  const names = await readdir(folder)
  return names.filter((name) => existsSync(join(folder, name, 'turns.jsonl'))).sort()
}

const readConversation = async (folder: string, id: string): Promise<Conversation> => {
  const turns = await readEmbedded<Turn>(folder, 'turns')
  const questions = await readEmbedded<Question>(folder, 'questions')
  const known = new Set(turns.map((turn) => turn.id))
  if (known.size !== turns.length) throw new Error(`${id}: a turn id stands twice`)
  for (const { q, evidence } of questions)
    for (const turn of evidence) if (!known.has(turn)) throw new Error(`${id}: evidence ${turn} of "${q}" is no turn`)
  return { id, turns, questions }
}

const readEmbedded = async <Item>(folder: string, name: string): Promise<readonly Embedded<Item>[]> => {
  const lines = (await readFile(join(folder, `${name}.jsonl`), 'utf8')).split('\n').filter((line) => line !== '')
  const bytes = await readFile(join(folder, `${name}.f32`))
  const dimension = bytes.length / 4 / Math.max(1, lines.length)
  if (!Number.isInteger(dimension)) throw new Error(`${folder}: ${name}.f32 has no whole vector for every line`)
  return lines.map((line, row) => ({
    ...(JSON.parse(line) as Item),
    embedding: Float32Array.from({ length: dimension }, (_, index) => bytes.readFloatLE(4 * (row * dimension + index))),
  }))
}
