/** O4, T1: whatever is stored, and whatever was typed, no command writes it to a terminal as a command to it. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { withCollective } from '../testing/command-store.ts'
import { jsonLines } from '../testing/waggle-process.ts'

/** Clears a screen, sets a title, a colour by either control table, a link; turns the direction of writing. */
const HOSTILE = '\u001b[2J\u001b]0;title\u0007\u009b31mx\u001b]8;;http://x\u0007\u202ey\r\u2028z'

const isShown = (text: string): boolean => !/(?![\n\t])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)

const setUp = async () => {
  const context = await withCollective()
  const { json, record, waggle, folder } = context
  await waggle('collective', 'create', `name ${HOSTILE}`, '--dimension', '2', '--owner', HOSTILE)
  const fields = ['--agent', HOSTILE, '--task', HOSTILE, '--domain', HOSTILE, '--file', HOSTILE]
  const { id } = await record(HOSTILE, ...fields)
  const other = await record(`other ${HOSTILE}`)
  const relation = await json<{ id: string }>(
    ...['relation', 'create', 'team', id, other.id, '--type', 'supports', '--metadata', HOSTILE],
  )
  const insight = await json<{ id: string }>(
    ...['insight', 'store', 'team', '--content', HOSTILE, '--source', id, '--type', 'pattern', '--domain', HOSTILE],
  )
  await waggle('activity', 'register', 'team', HOSTILE, '--task', HOSTILE, '--summary', HOSTILE)
  await waggle('keys', 'put', 'team', HOSTILE, HOSTILE)
  await json('payloads', 'store', 'team', '1', JSON.stringify({ text: HOSTILE }))
  const lines = path.join(folder, 'lines.jsonl')
  writeFileSync(lines, `${JSON.stringify({ content: 'x', [HOSTILE]: 1 })}\n{${HOSTILE}\n`)
  return { ...context, id, relation, insight, lines }
}

describe('hostile content', () => {
  it('is shown without its controls by every command that reads, as text and as JSON', async () => {
    const { waggle, id, relation, insight, lines } = await setUp()
    const { stderr } = await waggle('watch', 'team', '--from', 'start', '--once', '--json')
    const { cursor } = JSON.parse(stderr) as { cursor: string }
    const commands: readonly (readonly string[])[] = [
      ['collective', 'list'],
      ['collective', 'get', `name ${HOSTILE}`],
      ['experience', 'list', 'team'],
      ['experience', 'get', 'team', id],
      ['search', 'team', '--text', 'other'],
      ['recent', 'team'],
      ['context', 'team', '--text', 'other'],
      ['relation', 'list', 'team'],
      ['relation', 'get', 'team', relation.id],
      ['relation', 'related', 'team', id],
      ['insight', 'list', 'team'],
      ['insight', 'get', 'team', insight.id],
      ['insight', 'search', 'team', '--text', 'other'],
      ['activity', 'active', 'team'],
      ['activity', 'heartbeat', 'team', HOSTILE],
      ['keys', 'range', 'team'],
      ['keys', 'get', 'team', HOSTILE],
      ['payloads', 'get', 'team', '1'],
      ['cursor', 'save', 'team', HOSTILE, cursor],
      ['cursor', 'list', 'team'],
      ['watch', 'team', '--from', 'start', '--once'],
      ['export', 'team'],
      ['doctor'],
    ]
    for (const command of commands)
      for (const more of [[], ['--json']]) {
        const { code, stdout, stderr: said } = await waggle(...command, ...more)
        expect([command, code, isShown(stdout), isShown(said)]).toEqual([command, 0, true, true])
      }
    const [exported] = jsonLines((await waggle('export', 'team')).stdout)
    expect(exported).toMatchObject({ content: HOSTILE, sourceAgent: HOSTILE })
    for (const command of [
      [HOSTILE],
      ['collective', 'get', HOSTILE],
      ['experience', 'record', 'team', '--content', 'x', '--type', HOSTILE],
      ['import', 'team', HOSTILE],
      ['import', 'team', lines, '--keep-going'],
      ['keys', 'get', 'team', `absent ${HOSTILE}`],
    ])
      for (const more of [[], ['--json']]) {
        const { code, stdout, stderr: said } = await waggle(...command, ...more)
        expect([command, code > 0, said !== '', isShown(stdout), isShown(said)]).toEqual([
          command,
          true,
          true,
          true,
          true,
        ])
      }
  })
})
