import { faultOf } from '@waggle/kernel/testing'
import { Environment, type EnvironmentVariables } from '@waggle/service-host'
import { describe, expect, test } from 'vitest'
import { compactorConfig } from './config.ts'

const least = { WAGGLE_NATS_URL: 'nats://127.0.0.1:4222', WAGGLE_NODE: 'compactor-1' }

const configOf = (more: EnvironmentVariables = {}) => compactorConfig(new Environment({ ...least, ...more }))

describe('the configuration of a compactor', () => {
  test('needs servers and a name', () => {
    expect(configOf()).toEqual({
      servers: ['nats://127.0.0.1:4222'],
      node: 'compactor-1',
      journalKeepMs: 604_800_000,
    })
  })

  test('takes credentials, also for the system account', () => {
    const sys = { WAGGLE_SYS_USER: 's', WAGGLE_SYS_PASSWORD: 'q' }
    const config = configOf({ WAGGLE_NATS_USER: 'u', WAGGLE_NATS_PASSWORD: 'p', ...sys, WAGGLE_JOURNAL_KEEP_MS: '0' })
    expect(config).toMatchObject({
      credentials: { user: 'u', password: 'p' },
      systemCredentials: { user: 's', password: 'q' },
      journalKeepMs: 0,
    })
  })

  test.each([
    [{ WAGGLE_NATS_URL: '' }, 'WAGGLE_NATS_URL'],
    [{ WAGGLE_NODE: undefined }, 'WAGGLE_NODE'],
    [{ WAGGLE_NODE: 'a.b' }, 'WAGGLE_NODE'],
    [{ WAGGLE_NODE: 'a'.repeat(65) }, 'WAGGLE_NODE'],
    [{ WAGGLE_NATS_USER: 'u' }, 'WAGGLE_NATS_PASSWORD'],
    [{ WAGGLE_SYS_PASSWORD: 'p' }, 'WAGGLE_SYS_USER'],
    [{ WAGGLE_JOURNAL_KEEP_MS: '-1' }, 'WAGGLE_JOURNAL_KEEP_MS'],
    [{ WAGGLE_JOURNAL_KEEP_MS: '7d' }, 'WAGGLE_JOURNAL_KEEP_MS'],
  ])('P10 %j is refused by name', (more, field) => {
    expect(faultOf(() => configOf(more)).details).toMatchObject({ field })
  })
})
