import type { Embedder } from '@waggle/embedding'
import { describe, expect, it } from 'vitest'
import { Embedders } from './embedders.ts'
import { MissingEmbeddings } from './missing-embeddings.ts'

/** Embeds a text as its length, and remembers what it was asked for. */
const counting = () => {
  const asked: (readonly string[])[] = []
  const embedder: Embedder = {
    ...{ name: 'counting', dimension: 1 },
    embed: async (texts) => {
      asked.push(texts)
      return texts.map((text) => Float32Array.of(text.length))
    },
  }
  return { asked, embeddings: new MissingEmbeddings(new Embedders([embedder]), { dimension: 1, embedder: 'counting' }) }
}

const none = new MissingEmbeddings(new Embedders([]), { dimension: 1 })
const itself = async <Value>(value: Value): Promise<Value> => value

describe('missing embeddings', () => {
  it('are made at once for all that lack one and have a content', async () => {
    const { asked, embeddings } = counting()
    const given = [
      { content: 'ab' },
      { content: 'c', embedding: [7] },
      { id: 'x' },
      { content: 'def', embedding: null },
    ]
    expect(await embeddings.filled(given, itself)).toEqual([
      { content: 'ab', embedding: Float32Array.of(2) },
      ...given.slice(1, 3),
      { content: 'def', embedding: Float32Array.of(3) },
    ])
    expect(asked).toEqual([['ab', 'def']])
  })

  it('of a query is made of its text, which travels too: its words are searched', async () => {
    const { asked, embeddings } = counting()
    expect(await embeddings.asked({ text: 'abc', k: 5 }, itself)).toEqual({
      ...{ text: 'abc', k: 5 },
      embedding: Float32Array.of(3),
    })
    const both = { text: 'abc', embedding: [1] }
    expect(await embeddings.asked(both, itself)).toEqual(both)
    expect(await none.asked({ text: 'abc' }, itself)).toEqual({ text: 'abc' })
    expect(asked).toEqual([['abc']])
    for (const wrong of [{ text: '' }, { text: 5 }, { text: {}, embedding: [1] }])
      await expect(embeddings.asked(wrong, itself)).rejects.toMatchObject({ code: 'INVALID_FIELD' })
  })

  it('M1 where none is to be made, what follows happens at once', () => {
    const { asked, embeddings } = counting()
    const happened: string[] = []
    const told = (what: string) => async () => void happened.push(what)
    void embeddings.filled([{ content: 'a', embedding: [1] }, { content: '' }], told('filled'))
    void embeddings.asked({ embedding: [1] }, told('asked'))
    void none.filled([{ content: 'a' }], told('filled by none'))
    expect([happened, asked]).toEqual([['filled', 'asked', 'filled by none'], []])
  })
})
