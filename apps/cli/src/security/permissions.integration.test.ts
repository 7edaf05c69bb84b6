/** What `waggle permissions` prints, taken by a real nats-server. */
import { operatorPermissions, tenantPermissions, type Permissions, type TenantId } from '@waggle/protocol'
import { describe, expect, it } from 'vitest'
import { checkServerConfig } from '../testing/nats-check.ts'
import { testFolder } from '../testing/store-folder.ts'
import { run } from '../testing/waggle-run.ts'

const ACME = 'acme' as TenantId

const printed = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run(['permissions', ...args])
  expect([code, stderr]).toEqual([0, ''])
  return stdout
}

describe('waggle permissions', () => {
  it('prints the rights of a role, as JSON or as a block that a server takes', async () => {
    for (const role of ['reader', 'writer', 'admin'] as const) {
      const json = JSON.parse(await printed('--role', role, '--tenant', 'acme', '--json')) as Permissions
      expect(json).toEqual(tenantPermissions(ACME, role))
      const text = await printed('--role', role, '--tenant', 'acme')
      for (const subject of [...json.publish.allow, ...json.subscribe.allow]) expect(text).toContain(`"${subject}"`)
      await checkServerConfig(testFolder(), `authorization { users: [{ user: a, password: b\n${text} }] }`)
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

  it('wants to be told what, and refuses a tenant that is none', async () => {
    expect(await run(['permissions'])).toMatchObject({ code: 2, stdout: '' })
    expect(await run(['permissions', '--role', 'king'])).toMatchObject({ code: 2, stdout: '' })
    const { code, stderr } = await run(['permissions', '--role', 'reader', '--tenant', 'a.b'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('INVALID_FIELD')])
  })
})
