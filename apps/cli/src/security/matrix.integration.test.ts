/**
 * P12: every cell of the matrix of rights in `docs/security.md`, on a server with the configuration that
 * `waggle security init` writes. The tables were written down by what each part has to do, not taken from the rights.
 */
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Attacker } from '@waggle/local-cluster/testing'
import { operations } from '@waggle/protocol'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { securedServer, type SecuredServer } from '../testing/secured-server.ts'

const guide = (name: string): string => readFileSync(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8')

/** The columns of the tables, and who they are. */
const USERS = {
  ...{ router: 'router', shard: 'shard', log: 'log', compactor: 'compactor', sys: 'sys', operator: 'operator' },
  ...{ reader: 'acme-reader', writer: 'acme-writer', admin: 'acme-admin', other: 'other-admin' },
} as const
type Column = keyof typeof USERS
const columns = Object.keys(USERS) as Column[]

const cellsOf = (line: string): readonly string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

/** The operations of a class, as the guide of the wire has them. */
const operationsOf = (ofClass: string): readonly string[] => {
  const rows = guide('wire-protocol.md').split('\n').map(cellsOf)
  if (ofClass === 'system') return systemOperations
  return rows.filter(([, its]) => its === ofClass).map(([name = '']) => name.replaceAll('`', ''))
}

const systemOperations = [
  'shard.list',
  'log.status',
  'node.list',
  'log.prune',
  'checkpoint.create',
  'checkpoint.list',
  'verify.run',
  'node.drain',
  'backup.read',
  ...['look', 'write', 'freeze', 'commit', 'lift'].map((verb) => `restore.${verb}`),
]

const expanded = (subject: string): readonly string[] => {
  const ofClass = /<(\w+)>$/.exec(subject)?.[1]
  if (ofClass === undefined) return [subject]
  return operationsOf(ofClass).map((operation) => subject.replace(/<\w+>$/, operation))
}

/** Who may do it, by subject, of the table below a heading. */
const tableBelow = (heading: string): ReadonlyMap<string, ReadonlySet<Column>> => {
  const [, section = ''] = guide('security.md').split(`\n#### ${heading}\n`)
  const [before = ''] = section.split(/\n#+ /)
  const [head = [], , ...rows] = before
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map(cellsOf)
  expect(head.slice(1)).toEqual(columns)
  const table = new Map<string, ReadonlySet<Column>>()
  for (const [subjects = '', ...cells] of rows) {
    const who = new Set(columns.filter((_, index) => cells[index] === 'x'))
    expect(cells.every((cell) => cell === 'x' || cell === '')).toBe(true)
    for (const [, subject = ''] of subjects.matchAll(/`([^`]+)`/g))
      for (const each of expanded(subject)) {
        expect(table.has(each), each).toBe(false)
        table.set(each, who)
      }
  }
  return table
}

const publishing = tableBelow('Publish')
const subscribing = tableBelow('Subscribe')

let server: SecuredServer
beforeAll(async () => {
  server = await securedServer('--hosts', 'localhost', '--tenants', 'acme,other', '--tls', 'none')
})
afterAll(() => server.stop())

const as = async <Result>(
  access: { readonly user?: string; readonly password?: string },
  use: (it: Attacker) => Promise<Result>,
): Promise<Result> => {
  const attacker = await Attacker.connect(`nats://127.0.0.1:${server.port}`, access)
  try {
    return await use(attacker)
  } finally {
    await attacker.close()
  }
}

const credentials = (column: Column) => ({ user: USERS[column], password: server.passwordOf(USERS[column]) })

const mayOf = (table: ReadonlyMap<string, ReadonlySet<Column>>, column: Column): readonly string[] =>
  [...table].filter(([, who]) => who.has(column)).map(([subject]) => subject)

/** The subjects that are not among what the server forbade. */
const allowed = (subjects: Iterable<string>, refusals: readonly string[]): readonly string[] => {
  const refused = new Set(
    refusals.map((line) => /to "([^"]+)"(?: using queue "([^"]+)")?/.exec(line)?.slice(1, 3).filter(Boolean).join(' ')),
  )
  expect(refusals.filter((line) => !line.includes('Permissions Violation'))).toEqual([])
  return [...subjects].filter((subject) => !refused.has(subject))
}

describe('P12 the matrix of rights', () => {
  it('N3 names every operation that there is, under its class', () => {
    for (const ofClass of ['read', 'write', 'admin'])
      expect(operationsOf(ofClass).toSorted()).toEqual(
        Object.entries(operations)
          .filter(([, it]) => it.class === ofClass)
          .map(([name]) => name)
          .toSorted(),
      )
    expect(systemOperations.toSorted()).toEqual(
      Object.entries(operations)
        .filter(([, it]) => it.class === 'system')
        .map(([name]) => name)
        .toSorted(),
    )
  })

  it.each(columns)(`%s publishes what its column says, of ${publishing.size} subjects`, (column) =>
    as(credentials(column), async (attacker) => {
      for (const subject of publishing.keys()) attacker.publish(subject, '')
      expect(allowed(publishing.keys(), await attacker.flush())).toEqual(mayOf(publishing, column))
    }),
  )

  it.each(columns)(`%s hears what its column says, of ${subscribing.size} subjects`, (column) =>
    as(credentials(column), async (attacker) => {
      for (const subject of subscribing.keys()) {
        const [name = '', queue = ''] = subject.split(' ')
        attacker.subscribe(name, queue)
      }
      expect(allowed(subscribing.keys(), await attacker.flush())).toEqual(mayOf(subscribing, column))
    }),
  )

  it(`has ${(publishing.size + subscribing.size) * columns.length} cells, and as many rows as were counted`, () => {
    expect([publishing.size, subscribing.size]).toEqual([282, 60])
  })

  it.each(columns)('%s without the right password is nobody', async (column) => {
    const { user, password } = credentials(column)
    const others = columns.filter((one) => one !== column).map((one) => credentials(one).password)
    const guesses = [...others, '', `${password}x`, password.slice(0, -1), password.toUpperCase(), '$2a$04$']
    for (const guess of guesses) expect(await isLetIn({ user, password: guess }), guess).toBe(false)
    expect(await isLetIn({ user: `${user}2`, password })).toBe(false)
    expect(await isLetIn({ user, password })).toBe(true)
  })

  it('U3 a password that was changed lets nobody in any more, and ends who came with it, and nobody else', async () => {
    const [old, other] = [credentials('writer'), credentials('reader')]
    await as(other, (stays) =>
      as(old, async (goes) => {
        rmSync(path.join(server.folder, 'users', old.user, 'password'))
        await server.renew()
        await vi.waitFor(() => expect(goes.isOpen).toBe(false), { timeout: 30_000, interval: 20 })
        expect(await stays.flush()).toEqual([])
        expect(stays.isOpen).toBe(true)
      }),
    )
    expect(await isLetIn(old)).toBe(false)
    expect(await isLetIn(credentials('writer'))).toBe(true)
  })

  it('U2 nobody is let in without credentials, or with those of the servers', async () => {
    expect(await isLetIn({})).toBe(false)
    expect(await isLetIn({ user: 'route', password: server.passwordOf('route') })).toBe(false)
  })
})

const isLetIn = (access: { readonly user?: string; readonly password?: string }): Promise<boolean> =>
  as(access, async (attacker) => attacker.isOpen)
