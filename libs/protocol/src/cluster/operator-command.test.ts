import { describe, expect, test } from 'vitest'
import { encodeBody } from '../codec/body.ts'
import { TIMEOUT_MS_DEFAULT } from '../limits.ts'
import { commandOf } from './operator-command.ts'

const reply = 'waggle.inbox.$sys.x'
const passed = (header: string, fields: unknown, to: string | undefined = reply) =>
  commandOf({ header, reply: to, data: fields instanceof Uint8Array ? fields : encodeBody(fields, 'json') })

describe('an operator’s command that a router passed on', () => {
  test('is told with its fields, its time and the way back', () => {
    expect(passed('checkpoint.create', { shard: 3, timeoutMs: 7 })).toEqual({
      ...{ operation: 'checkpoint.create', fields: { shard: 3 }, timeoutMs: 7, encoding: 'json', reply },
    })
    expect(passed('node.drain', encodeBody({ node: 'n' }, 'messagePack'))).toMatchObject({
      ...{ fields: { node: 'n' }, encoding: 'messagePack', timeoutMs: TIMEOUT_MS_DEFAULT },
    })
  })

  test.each([
    ['an operation that is none', 'log.burn', {}],
    ['one that routers answer', 'shard.list', {}],
    ['one of a tenant', 'experience.get', {}],
    ['nothing', '', {}],
    ['a foreign field', 'log.prune', { node: 'n' }],
    ['no node', 'node.drain', {}],
    ['no map', 'log.prune', []],
    ['no body', 'log.prune', new Uint8Array()],
  ])('P10 %s is none', (_, header, fields) => {
    expect(passed(header, fields)).toBeUndefined()
  })

  test.each(['_INBOX.x', 'waggle.inbox.ana.x', 'waggle.inbox.$sys.*', 'wal.0', 'shard.0.5.upkeep', ''])(
    'K7 P12 it is answered in an inbox of the operators, not at %j',
    (to) => {
      expect(passed('log.prune', {}, to)).toBeUndefined()
    },
  )
})
