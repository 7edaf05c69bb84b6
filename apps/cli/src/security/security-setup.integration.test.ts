/** What `waggle security` prints and writes, and `deploy/nats` holds, taken by a real nats-server. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { tenantPermissions, type TenantId } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { checkServerConfig } from '../testing/nats-check.ts'
import { testFolder } from '../testing/store-folder.ts'
import { run } from '../testing/waggle-run.ts'

const deployed = fileURLToPath(new URL('../../../../deploy/nats/', import.meta.url))
const HOSTS = ['--hosts', 'nats-0.nats,nats-1.nats,nats-2.nats']
const users = [
  'compactor',
  'default-admin',
  'default-reader',
  'default-writer',
  'log',
  'operator',
  'router',
  'shard',
  'sys',
]

const waggle = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(['security', ...args])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

const init = async (folder: string, ...more: readonly string[]): Promise<string> =>
  waggle('init', folder, ...HOSTS, '--tenants', 'default', ...more)

const textOf = (...names: readonly string[]): string => readFileSync(path.join(...names), 'utf8')
const passwordsIn = (folder: string): readonly string[] =>
  [...users, 'route'].map((user) => textOf(folder, 'users', user, 'password').trimEnd())

describe.each([
  ['nats-server.conf', 'server'],
  ['mutual-tls.conf', 'mutual'],
  ['plain.conf', 'none'],
])('deploy/nats/%s', (name, tls) => {
  it(`U1 is what the command of its head prints, for --tls ${tls}`, async () => {
    const text = textOf(deployed, name)
    const command = text.replaceAll('\\\n#', '').split('\n')[1] ?? ''
    const words = /^#\s+waggle security (.*)$/.exec(command)?.[1]?.split(/\s+/) ?? []
    expect(words.join(' ')).toContain(`${HOSTS.join(' ')} --tenants default --tls ${tls} --folder /etc/nats`)
    expect(text).toBe(await waggle(...words))
  })

  it('is taken by a server with the passwords and certificates that `security init` makes', async () => {
    const folder = testFolder()
    await init(folder, '--tls', tls)
    const text = textOf(deployed, name).replaceAll('/etc/nats', path.join(folder, 'nats'))
    await checkServerConfig(path.join(folder, 'nats'), text, { NATS_NAME: 'nats-0' })
    // Whoever forgets a name or a password has no server, rather than one that everybody gets into.
    await expect(checkServerConfig(path.join(folder, 'nats'), text)).rejects.toThrow("'NATS_NAME' on line")
    const passwords = path.join(folder, 'nats/passwords.conf')
    writeFileSync(passwords, textOf(passwords).replace(/^WAGGLE_LOG_PASSWORD.*$/m, ''))
    await expect(checkServerConfig(path.join(folder, 'nats'), text, { NATS_NAME: 'nats-0' })).rejects.toThrow(
      "'WAGGLE_LOG_PASSWORD' on line",
    )
  })

  it('U2 holds every user, no password, and nobody for a connection without credentials', () => {
    const text = textOf(deployed, name)
    for (const user of [...users, 'route']) expect(text).toContain(`user: "${user}"`)
    expect(text.match(/user: /g)).toHaveLength(users.length + 1)
    expect(text.match(/password: \$WAGGLE_[A-Z_]+_PASSWORD\n/g)).toHaveLength(users.length + 1)
    expect(text.match(/password: /g)).toHaveLength(users.length + 1)
    expect(text).not.toContain('no_auth_user')
  })
})

describe('waggle security init', () => {
  it('U3 writes a folder for each party, readable by its owner, and changes no secret when it runs again', async () => {
    const folder = testFolder()
    const rows = (await init(folder, '--tls', 'mutual', '--json'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(rows).toHaveLength(users.length + 1)
    expect(rows).toContainEqual(
      expect.objectContaining({
        folder: path.join(folder, 'users/router'),
        files: ['password', 'tls.crt', 'tls.key', 'ca.crt'],
      }),
    )
    expect(readdirSync(path.join(folder, 'nats')).sort()).toEqual([
      'ca.crt',
      'nats-server.conf',
      'passwords.conf',
      'tls.crt',
      'tls.key',
    ])
    const isOpen = (file: string): boolean => (statSync(file).mode & 0o077) !== 0
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => path.join(folder, name))
    const open = files.filter(isOpen).map((file) => path.basename(file))
    expect([...new Set(open)].sort()).toEqual(['ca.crt', 'nats-server.conf', 'tls.crt'])

    const [passwords, authority] = [passwordsIn(folder), textOf(folder, 'ca/ca.key')]
    const config = textOf(folder, 'nats/nats-server.conf')
    await init(folder, '--tls', 'mutual')
    expect([passwordsIn(folder), textOf(folder, 'ca/ca.key')]).toEqual([passwords, authority])
    expect(textOf(folder, 'nats/nats-server.conf')).toBe(config)

    rmSync(path.join(folder, 'users/router/password'))
    await init(folder, '--tls', 'mutual')
    const changed = passwordsIn(folder).filter((password, index) => password !== passwords[index])
    expect(changed).toEqual([textOf(folder, 'users/router/password').trimEnd()])
  })

  it('U4 draws long passwords that a server takes from its environment, too, and tells it hashes only', async () => {
    const folder = testFolder()
    await init(folder, '--tls', 'none')
    const [route, ...others] = passwordsIn(folder).toReversed() as [string, ...string[]]
    for (const password of others) expect(password).toMatch(/^w[0-9a-f]{48}$/)
    expect(new Set([route, ...others]).size).toBe(users.length + 1)
    const hidden = textOf(folder, 'nats/passwords.conf')
    for (const password of others) expect(hidden).not.toContain(password)
    // The servers say this one to each other.
    expect(hidden).toContain(`"nats://route:${route}@nats-2.nats:6222"`)
    expect(textOf(folder, 'nats/nats-server.conf')).not.toContain(route)

    writeFileSync(path.join(folder, 'nats/passwords.conf'), '# From the environment.\n')
    const variables = [...textOf(folder, 'nats/nats-server.conf').matchAll(/password: \$(\w+)/g)].map(
      ([, it]) => it as string,
    )
    const environment = Object.fromEntries(variables.map((name) => [name, others[0] as string]))
    const routes = { WAGGLE_ROUTES: `[nats://route:${route}@nats-0.nats:6222]` }
    const config = textOf(folder, 'nats/nats-server.conf')
    await checkServerConfig(path.join(folder, 'nats'), config, { ...environment, ...routes, NATS_NAME: 'nats-0' })
  })

  it('takes a password of one’s own, and refuses one that its hash would cut off', async () => {
    const folder = testFolder()
    await init(folder, '--tls', 'none')
    const file = path.join(folder, 'users/router/password')
    writeFileSync(file, '12345 "$HOME" # so\n')
    await init(folder, '--tls', 'none')
    expect(textOf(file)).toBe('12345 "$HOME" # so\n')
    for (const bad of ['', 'x'.repeat(73)]) {
      writeFileSync(file, bad)
      const { code, stderr } = await run(['security', 'init', folder, ...HOSTS, '--tenants', 'default'])
      expect([code, stderr]).toEqual([2, expect.stringContaining(`router has ${bad.length} bytes, not 1..72`)])
    }
  })

  it('P12 gives each role of each tenant a user of its own, with its rights', async () => {
    const rights = JSON.parse(await waggle('config', ...HOSTS, '--tenants', 'acme,other', '--json')) as Readonly<
      Record<string, object>
    >
    for (const tenant of ['acme', 'other'] as TenantId[])
      for (const role of ['reader', 'writer', 'admin'] as const)
        expect(rights[`${tenant}-${role}`]).toEqual(tenantPermissions(tenant, role))
    expect(Object.keys(rights)).toHaveLength(12)
  })

  it('P10 refuses names that are none, and tenants that a variable cannot tell apart', async () => {
    const cases = [
      [['--tenants', 'acme'], '--hosts'],
      [['--hosts', 'a,b', '--tenants', 'acme'], '1, 3, 5 different names'],
      [['--hosts', 'a,b,a', '--tenants', 'acme'], '1, 3, 5 different names'],
      [['--hosts', 'nats://a:4222', '--tenants', 'acme'], 'no port'],
      [['--hosts', 'a"', '--tenants', 'acme'], 'no port'],
      [['--hosts', 'a', '--tenants', 'a-b,a_b'], 'would share the variable WAGGLE_A_B_READER_PASSWORD'],
      [['--hosts', 'a', '--tenants', 'acme', '--tls', 'some'], 'Allowed choices'],
    ] as const
    for (const [words, complaint] of cases) {
      const { code, stdout, stderr } = await run(['security', 'config', ...words])
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(complaint)])
    }
    expect((await run(['security', 'config', '--hosts', 'a', '--tenants', 'a.b'])).stderr).toContain('INVALID_FIELD')
  })
})

describe('G4 a password that a server is given by its environment', () => {
  const refused = ['12345', '1k', 'true', 'a b', 'a;b', '$2y$04$abc', '12e5']
  const other = ['', 'a#b']

  it.each(refused)('%j is refused: the server reads it as configuration', async (password) => {
    const config = 'authorization { user: a, password: $P }'
    await expect(checkServerConfig(testFolder(), config, { P: password })).rejects.toThrow('Command failed')
    await checkServerConfig(testFolder(), config, { P: JSON.stringify(password) })
  })

  it.each(other)('%j is taken for another one, without a word', async (password) => {
    await checkServerConfig(testFolder(), 'authorization { user: a, password: $P }', { P: password })
  })
})
