/** `waggle config`: the precedence option > variable > context > default, as users see it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { run } from '../testing/waggle-run.ts'

const withContext = (context: object) => {
  const home = testFolder()
  const folder = path.join(home, 'nats', 'context')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(home, 'nats', 'context.txt'), 'team')
  writeFileSync(path.join(folder, 'team.json'), JSON.stringify(context))
  return { configFolder: home, home }
}

const SECRET = 'hunter2'

describe('waggle config', () => {
  const context = () => withContext({ url: 'nats://10.0.0.1', user: 'ann', password: SECRET })

  it.each([
    [['--path', 'x', '--tenant', 't'], {}, { path: ['x', '--path'], tenant: ['t', '--tenant'] }],
    [[], { path: 'there' }, { path: ['there', '$WAGGLE_PATH'], tenant: ['default', 'default'] }],
    [
      ['--server', 'a', '--user', 'me'],
      { natsUrl: 'b', natsPassword: SECRET },
      {
        server: ['nats://a:4222', '--server'],
        user: ['me', '--user, $NATS_PASSWORD'],
        password: ['(redacted)', '--user, $NATS_PASSWORD'],
        tenant: ['default', 'default'],
      },
    ],
    [
      [],
      { natsUrl: `nats://${SECRET}@b` },
      {
        server: ['nats://b:4222', '$NATS_URL'],
        token: ['(redacted)', '$NATS_URL'],
        tenant: ['default', 'default'],
      },
    ],
    [
      [],
      {},
      {
        server: ['nats://10.0.0.1:4222', 'NATS context team'],
        user: ['ann', 'NATS context team'],
        password: ['(redacted)', 'NATS context team'],
        tenant: ['default', 'default'],
      },
    ],
  ])('G1: %j says what is in force, from where, and no secret', async (options, environment, expected) => {
    const given = { environment: { ...context(), ...environment } }
    const { code, stdout, stderr } = await run(['config', '--json', ...options], given)
    expect([code, stderr]).toEqual([0, ''])
    const pairs = Object.entries(expected).map(([name, [value, from]]) => [name, { value, from }])
    expect(JSON.parse(stdout)).toEqual(Object.fromEntries(pairs))
    const text = await run(['config', ...options], given)
    expect(text.stdout).toMatch(/^setting +value +from\n/)
    expect(stdout + text.stdout).not.toContain(SECRET)
  })
})
