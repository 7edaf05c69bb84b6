import type { Uuid } from '@waggle/kernel'
import {
  decodeTokens,
  encodeFault,
  encodeReply,
  encodeToken,
  fault,
  type Encoding,
  type Generation,
  type Sequence,
} from '@waggle/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Gathering, type GatheringOutcome, type Question } from './gathering.ts'
import { sampleId } from '../testing/sample-beat.ts'

const tokenOf = (shard: number) =>
  encodeToken({ shard, generation: '00112233445566aa' as Generation, sequence: (shard + 10) as Sequence })
const reply = (shard: number, result: object, encoding: Encoding = 'messagePack') =>
  encodeReply({ ...result, token: tokenOf(shard) }, encoding, 1_000_000).bytes
const refusal = (code: Parameters<typeof fault>[0], details = {}) =>
  encodeFault(fault(code, 'no', details), 'messagePack').bytes

const gather = (question: Question, answers: readonly Uint8Array[], bytesMax = 1_000_000) => {
  const gathering = new Gathering(question, answers.length, bytesMax)
  const outcomes = answers.map((answer, shard) => gathering.add(shard, answer))
  return outcomes.find((outcome) => outcome !== undefined)
}

const result = (outcome: GatheringOutcome | undefined) =>
  outcome === undefined ? undefined : 'result' in outcome ? outcome.result : outcome.fault.toJSON()

const collective = (number: number, createdAt = 1_000) => ({ id: sampleId(number), name: 'n', dimension: 3, createdAt })

describe('a question to all shards', () => {
  it('M1 has no answer before the last shard has spoken, in whatever order', () => {
    const gathering = new Gathering('collective.list', 3, 1_000)
    expect(gathering.add(2, reply(2, { items: [] }))).toBeUndefined()
    expect(gathering.add(0, reply(0, { items: [] }))).toBeUndefined()
    expect(gathering.add(0, reply(0, { items: [] })), 'the same shard again').toBeUndefined()
    expect(result(gathering.add(1, reply(1, { items: [] })))).toMatchObject({ items: [] })
  })

  it.each(['SHARD_NOT_READY', 'BUSY', 'CONSISTENCY_NOT_READY', 'GENERATION_CHANGED'] as const)(
    'M1 is answered %s as soon as one shard does',
    (code) => {
      const gathering = new Gathering('collective.list', 3, 1_000)
      gathering.add(0, reply(0, { items: [collective(1)] }))
      expect(result(gathering.add(2, refusal(code)))).toMatchObject({ code })
    },
  )

  it.each([
    ['nothing', new Uint8Array()],
    ['noise', Buffer.from('hello')],
    ['no reply', reply(0, {}).subarray(3)],
  ])('M1 is answered INTERNAL when a shard answers %s', (_, bytes) => {
    expect(result(gather('collective.list', [bytes, bytes]))).toMatchObject({ code: 'INTERNAL' })
  })

  it('M2 carries the tokens of all shards', () => {
    for (const question of ['collective.get', 'collective.list'] as const) {
      const merged = result(
        gather(
          question,
          [0, 1, 2].map((shard) => reply(shard, { items: [] })),
        ),
      ) as { token: string }
      expect(decodeTokens(merged.token).map(({ shard, sequence }) => [shard, sequence])).toEqual([
        ...[0, 1, 2].map((shard) => [shard, shard + 10]),
      ])
    }
  })

  it('K8 M4 is refused when the answers cannot fit into one reply, before all are there', () => {
    const gathering = new Gathering('collective.list', 9, 20_000)
    const large = reply(0, { items: [{ ...collective(1), name: 'n'.repeat(15_000) }] })
    expect([0, 1].map((shard) => gathering.add(shard, large))).toEqual([undefined, undefined])
    expect(result(gathering.add(2, large))).toMatchObject({ code: 'RESULT_TOO_LARGE', details: { limit: 20_000 } })
  })
})

describe('collective.list of all shards', () => {
  it('is sorted as one shard sorts it: oldest first, ties by id', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3), fc.nat(50))), (drawn) => {
        const all = drawn.map(([shard, createdAt], index) => ({ shard, one: collective(index, createdAt) }))
        const answers = [0, 1, 2, 3].map((shard) =>
          reply(
            shard,
            { items: all.filter((entry) => entry.shard === shard).map(({ one }) => one) },
            shard % 2 ? 'json' : 'messagePack',
          ),
        )
        const { items } = result(gather('collective.list', answers)) as { items: { id: Uuid; createdAt: number }[] }
        expect(items).toEqual(
          all
            .map(({ one }) => one)
            .sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1)),
        )
      }),
    )
  })
})

describe('collective.get by name of all shards', () => {
  it('gives the one that there is, or none', () => {
    const found = collective(1)
    expect(result(gather('collective.get', [reply(0, {}), reply(1, { collective: found })]))).toMatchObject({
      collective: found,
    })
    expect(result(gather('collective.get', [reply(0, {}), reply(1, {})]))).not.toHaveProperty('collective')
  })

  it('M3 is ambiguous when several shards have one, or one has several', () => {
    const several = gather('collective.get', [
      refusal('AMBIGUOUS_NAME', { field: 'name', count: 12, ids: [sampleId(5), sampleId(6)] }),
      reply(1, { collective: collective(2) }),
      reply(2, { collective: collective(1) }),
      reply(3, {}),
    ])
    expect(result(several)).toMatchObject({
      code: 'AMBIGUOUS_NAME',
      message: 'several collectives carry that name count=14',
      details: { field: 'name', count: 14, ids: [1, 2, 5, 6].map(sampleId) },
    })
  })

  it('M3 tells at most ten of them', () => {
    const answers = Array.from({ length: 16 }, (_, shard) => reply(shard, { collective: collective(shard) }))
    const { details } = result(gather('collective.get', answers)) as { details: { ids: string[]; count: number } }
    expect([details.count, details.ids.length]).toEqual([16, 10])
  })

  it('M1 M3 a shard that is missing outweighs what others say', () => {
    const answers = [refusal('AMBIGUOUS_NAME', { count: 2 }), refusal('SHARD_NOT_READY')]
    expect(result(gather('collective.get', answers))).toMatchObject({ code: 'SHARD_NOT_READY' })
  })
})
