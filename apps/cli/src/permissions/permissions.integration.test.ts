/** What `waggle permissions` prints, taken by a real nats-server. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { findNatsServer } from '@waggle/nats-server'
import { operatorPermissions, tenantPermissions, type Permissions, type TenantId } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../testing/store-folder.ts'
import { run } from '../testing/waggle-run.ts'

const ACME = 'acme' as TenantId

const printed = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(['permissions', ...args])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

/** Throws with the server's complaint where it refuses the configuration. */
const check = async (config: string, environment: Readonly<Record<string, string>> = {}): Promise<void> => {
  const { path: server } = await findNatsServer({ need: 'unreplicated', environment: process.env })
  const file = path.join(testFolder(), 'nats.conf')
  writeFileSync(file, config)
  execFileSync(server, ['-t', '-c', file], { stdio: 'pipe', env: environment })
}

describe('waggle permissions', () => {
  it('prints the rights of a role, as JSON or as a block that a server takes', async () => {
    for (const role of ['reader', 'writer', 'admin'] as const) {
      const json = JSON.parse(await printed('--role', role, '--tenant', 'acme', '--json')) as Permissions
      expect(json).toEqual(tenantPermissions(ACME, role))
      const text = await printed('--role', role, '--tenant', 'acme')
      for (const subject of [...json.publish.allow, ...json.subscribe.allow]) expect(text).toContain(`"${subject}"`)
      await check(`authorization { users: [{ user: a, password: b\n${text} }] }`)
    }
    expect(JSON.parse(await printed('--role', 'operator', '--json'))).toEqual(operatorPermissions())
  })

  it('P12: a reader may not write, and nobody reaches another tenant', async () => {
    const { publish, subscribe } = JSON.parse(
      await printed('--role', 'reader', '--tenant', 'acme', '--json'),
    ) as Permissions
    expect(publish.allow).not.toContain('waggle.v1.acme.experience.record')
    expect(publish.allow.filter((subject) => !/^(waggle\.v1\.acme\.|\$SRV\.)/.test(subject))).toEqual([])
    expect(subscribe.allow).toEqual(['waggle.inbox.acme.>'])
  })

  it('prints a whole configuration with every user of a cluster, and no password', async () => {
    const text = await printed('--internal', '--tenant', 'acme')
    const users = ['router', 'shard', 'log', 'compactor', 'operator', 'acme', 'sys']
    for (const user of users) expect(text).toContain(`user: "${user}"`)
    const variables = [...text.matchAll(/password: \$(\w+)/g)].map(([, name]) => name as string)
    expect(new Set(variables).size).toBe(users.length)
    await check(text, Object.fromEntries(variables.map((name) => [name, 'secret'])))
    // Whoever forgets one has no server, rather than one with a password that everybody knows.
    await expect(check(text)).rejects.toThrow('can not be found')
  })

  it('wants to be told what, and refuses a tenant that is none', async () => {
    expect(await run(['permissions'])).toMatchObject({ code: 2, stdout: '' })
    expect(await run(['permissions', '--role', 'king'])).toMatchObject({ code: 2, stdout: '' })
    const { code, stderr } = await run(['permissions', '--role', 'reader', '--tenant', 'a.b'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('INVALID_FIELD')])
  })
})
