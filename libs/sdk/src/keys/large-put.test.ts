import { uuidV7Source, type Timers } from '@waggle/kernel'
import { manualClock, seededRandom } from '@waggle/kernel/testing'
import {
  decodeMessagePack,
  encodeToken,
  invalidField,
  type BuiltName,
  type Generation,
  type Sequence,
} from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import type { ReplyBody, RequestBody } from '../caller.ts'
import { CollectiveCall } from '../collective-call.ts'
import { Gate } from '../gate.ts'
import { Session } from '../session.ts'
import { putEntries } from './large-put.ts'

const token = encodeToken({ shard: 0, generation: '00000000000000aa' as Generation, sequence: 1 as Sequence })

const timers: Timers = {
  after(_delayMs, callback) {
    queueMicrotask(callback)
    return () => undefined
  },
  yield: async () => undefined,
}

/** A store that keeps parts as the real one does; it loses them when it is told to. */
const staging = (losses: readonly number[] = []) => {
  const clock = manualClock()
  const sent: (readonly [BuiltName, RequestBody])[] = []
  const parts = new Map<number, Uint8Array>()
  const toLose = [...losses]
  const caller = {
    async call(operation: BuiltName, body: RequestBody): Promise<ReplyBody> {
      sent.push([operation, body])
      if (operation === 'keys.stage') parts.set(body.index as number, body.bytes as Uint8Array)
      if (operation === 'keys.put' && body.upload !== undefined) {
        const lost = toLose.shift()
        if (lost !== undefined) parts.delete(lost)
        const count = (body.upload as { parts: number }).parts
        for (let index = 0; index < count; index += 1)
          if (!parts.has(index)) throw invalidField('upload', `${count} staged parts`, { missing: index })
      }
      return { token, sequence: 5 }
    },
    close: async () => undefined,
  }
  const ids = uuidV7Source(clock, seededRandom(1))
  const session = new Session({ caller, clock, timers, ids, gate: new Gate(4, timers) })
  return { call: new CollectiveCall(session, 'hive'), sent, parts, names: () => sent.map(([name]) => name) }
}

const large = [['k', new Uint8Array(9_000_000).fill(7)]] as const

describe('puts of any size', () => {
  it('what fits into a request goes as it is', async () => {
    const { call, sent } = staging()
    await putEntries(call, [['k', 'v']], { idempotencyKey: 'a' })
    expect(sent).toMatchObject([['keys.put', { entries: [['k', 'v']], idempotencyKey: 'a' }]])
  })

  it('G1 what does not is staged in parts that are the list of entries together, and then put', async () => {
    const { call, names, parts, sent } = staging()
    expect(await putEntries(call, large, {})).toMatchObject({ sequence: 5 })
    expect(names()).toEqual(['keys.stage', 'keys.stage', 'keys.stage', 'keys.put'])
    const whole = decodeMessagePack(Buffer.concat([0, 1, 2].map((index) => parts.get(index)!))) as Uint8Array[][]
    expect([Buffer.from(whole[0]![0]!).toString(), whole[0]![1]!.length]).toEqual(['k', 9_000_000])
    const keys = sent.map(([, { idempotencyKey }]) => idempotencyKey)
    expect(new Set(keys).size).toBe(4)
  })

  it('G2 a retry with the same key names the same upload, asks for it first, and stages nothing again', async () => {
    const { call, names, sent } = staging()
    await putEntries(call, large, { idempotencyKey: 'a' })
    await putEntries(call, large, { idempotencyKey: 'a' })
    expect(names()).toEqual([...['keys.put', 'keys.stage', 'keys.stage', 'keys.stage', 'keys.put'], ...['keys.put']])
    const uploads = sent.filter(([name]) => name === 'keys.put').map(([, { upload }]) => upload)
    expect(uploads).toEqual([uploads[0], uploads[0], uploads[0]])
    await putEntries(call, [['k', new Uint8Array(9_000_000)]], { idempotencyKey: 'a' })
    const last = sent.findLast(([name]) => name === 'keys.put')![1]
    expect((last.upload as { id: string }).id).not.toBe((uploads[0] as { id: string }).id)
  })

  it('G2 parts that are gone when it is put are staged again, but not for ever', async () => {
    const { call, names } = staging([2, 0])
    await putEntries(call, large, {})
    expect(names().filter((name) => name === 'keys.stage')).toHaveLength(3 + 1 + 3)
    const { call: other } = staging([0, 0, 0, 0])
    await expect(putEntries(other, large, {})).rejects.toMatchObject({ code: 'INVALID_FIELD' })
  })

  it('P11 a list without end is not walked', async () => {
    const { call, names } = staging()
    await expect(putEntries(call, Array(2 ** 32 - 1), {})).resolves.toBeDefined()
    expect(names()).toEqual(['keys.put'])
  })

  it('P10 more than all of one put may be is refused before anything is sent', async () => {
    const { call, sent } = staging()
    const entries = [1, 2].map((n) => [`k${n}`, new Uint8Array(9_000_000)])
    await expect(putEntries(call, entries, {})).rejects.toMatchObject({
      ...{ code: 'CONTENT_TOO_LARGE', details: { field: 'entries' } },
    })
    expect(sent).toEqual([])
  })
})
