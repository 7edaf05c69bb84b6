import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { UsageError } from '../command-line.ts'
import { isHeadline, readConversations, turnText } from './conversation.ts'

const turns = [
  { id: 'D1:1', session: 1, speaker: 'Ada', text: 'The bees swarm.' },
  { id: 'D1:2', session: 1, speaker: 'Ben', text: 'Look!', caption: 'a hive' },
]
const questions = [{ q: 'What do the bees do?', answer: 'swarm', category: 4, evidence: ['D1:1'] }]

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'waggle-locomo-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

const writeRows = async (path: string, rows: readonly unknown[], vectors: readonly number[]): Promise<void> => {
  await writeFile(`${path}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await writeFile(`${path}.f32`, new Uint8Array(Float32Array.from(vectors).buffer))
}

const writeConversation = async (id: string, asked: readonly unknown[] = questions): Promise<void> => {
  await mkdir(join(folder, id))
  await writeRows(join(folder, id, 'turns'), turns, [1, 0, 0, 0, 1, 0])
  await writeRows(join(folder, id, 'questions'), asked, [0, 0, 1])
}

describe('readConversations', () => {
  it('takes every subfolder with turns when there is no manifest', async () => {
    await writeConversation('two')
    await writeConversation('one')
    await mkdir(join(folder, 'notes'))
    const { name, dimension, conversations } = await readConversations(folder)
    expect([name, dimension, conversations.map(({ id }) => id)]).toEqual(['unnamed', 3, ['one', 'two']])
    expect(conversations[0]!.turns.map(({ embedding }) => [...embedding])).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ])
    expect(conversations[0]!.questions[0]).toMatchObject({ category: 4, evidence: ['D1:1'] })
  })

  it('takes what the manifest lists', async () => {
    await writeConversation('one')
    await writeConversation('two')
    const manifest = { name: 'tiny', split: 'dev', dim: 3, conversations: [{ id: 'two' }] }
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
    const { name, conversations } = await readConversations(folder)
    expect([name, conversations.map(({ id }) => id)]).toEqual(['tiny/dev', ['two']])
  })

  it('refuses a folder without conversations as a mistake of the caller', async () => {
    await expect(readConversations(folder)).rejects.toThrow(UsageError)
    await expect(readConversations(join(folder, 'absent'))).rejects.toThrow(UsageError)
  })

  it('refuses vectors that do not belong to the lines', async () => {
    await writeConversation('one')
    await writeRows(join(folder, 'one', 'turns'), turns, [1, 0, 0])
    await expect(readConversations(folder)).rejects.toThrow('whole vector')
    await writeRows(join(folder, 'one', 'turns'), turns, [1, 0, 0, 0])
    await expect(readConversations(folder)).rejects.toThrow('components')
  })

  it('refuses evidence that names no turn', async () => {
    await writeConversation('one', [{ q: 'Who?', category: 1, evidence: ['D9:9'] }])
    await expect(readConversations(folder)).rejects.toThrow('D9:9')
  })
})

describe('a turn', () => {
  it('is stored with its speaker and what its image shows', () => {
    expect(turns.map(turnText)).toEqual(['Ada: The bees swarm.', 'Ben: Look! [image: a hive]'])
  })
})

describe('a headline question', () => {
  it('has an answer in the conversation, and evidence', () => {
    const question = { q: '', category: 4, evidence: ['D1:1'] }
    expect(isHeadline(question)).toBe(true)
    expect(isHeadline({ ...question, category: 5 })).toBe(false)
    expect(isHeadline({ ...question, evidence: [] })).toBe(false)
  })
})
