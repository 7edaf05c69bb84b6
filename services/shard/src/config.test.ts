import { isFault } from '@waggle/kernel'
import { Environment } from '@waggle/service-host'
import { describe, expect, it } from 'vitest'
import { shardConfig } from './config.ts'

const whole = {
  WAGGLE_NATS_URL: 'nats://127.0.0.1:4222',
  WAGGLE_NATS_USER: 'shard',
  WAGGLE_NATS_PASSWORD: 'secret',
  WAGGLE_LOG_USER: 'log',
  WAGGLE_LOG_PASSWORD: 'hidden',
  WAGGLE_NODE: 'node-1',
  WAGGLE_DIR: 'data',
}

const config = (variables: Readonly<Record<string, string | undefined>>) => shardConfig(new Environment(variables))

const refusal = (variables: Readonly<Record<string, string | undefined>>) => {
  try {
    config(variables)
    return undefined
  } catch (error) {
    return isFault(error) ? { code: error.code, field: error.details.field } : error
  }
}

describe('the environment of a shard process', () => {
  it('tells servers, both credentials, a name and a folder, and has 16 unreplicated shards by default', () => {
    expect(config(whole)).toEqual({
      servers: ['nats://127.0.0.1:4222'],
      credentials: { user: 'shard', password: 'secret' },
      logCredentials: { user: 'log', password: 'hidden' },
      node: 'node-1',
      folder: 'data',
      shards: 16,
      replicas: 1,
      copies: 2,
      durability: 'synced',
      settings: {
        decay: { halfLifeMs: 2_592_000_000, freqWeight: 0.25, floor: 0.05 },
        activityStaleMs: 300_000,
      },
    })
    expect(config({ ...whole, WAGGLE_DECAY: '{"halfLifeMs":5}', WAGGLE_ACTIVITY_STALE_MS: '7' }).settings).toEqual({
      decay: { halfLifeMs: 5, freqWeight: 0.25, floor: 0.05 },
      activityStaleMs: 7,
    })
    expect(config({ ...whole, WAGGLE_SHARDS: '64', WAGGLE_REPLICAS: '3' })).toMatchObject({ shards: 64, replicas: 3 })
    expect(config({ ...whole, WAGGLE_COPIES: '5' })).toMatchObject({ copies: 5 })
  })

  it.each([
    [{ WAGGLE_DIR: undefined }, 'REQUIRED_FIELD', 'WAGGLE_DIR'],
    [{ WAGGLE_NODE: 'a.b' }, 'INVALID_FIELD', 'WAGGLE_NODE'],
    [{ WAGGLE_SHARDS: '0' }, 'INVALID_FIELD', 'WAGGLE_SHARDS'],
    [{ WAGGLE_SHARDS: '129' }, 'INVALID_FIELD', 'WAGGLE_SHARDS'],
    [{ WAGGLE_REPLICAS: '2' }, 'INVALID_FIELD', 'WAGGLE_REPLICAS'],
    [{ WAGGLE_COPIES: '0' }, 'INVALID_FIELD', 'WAGGLE_COPIES'],
    [{ WAGGLE_COPIES: '6' }, 'INVALID_FIELD', 'WAGGLE_COPIES'],
    [{ WAGGLE_DECAY: 'slow' }, 'INVALID_FIELD', 'WAGGLE_DECAY'],
    [{ WAGGLE_DECAY: '{"floor":2}' }, 'INVALID_FIELD', 'decay.floor'],
    [{ WAGGLE_ACTIVITY_STALE_MS: '-1' }, 'INVALID_FIELD', 'WAGGLE_ACTIVITY_STALE_MS'],
    [{ WAGGLE_LOG_PASSWORD: undefined }, 'REQUIRED_FIELD', 'WAGGLE_LOG_PASSWORD'],
  ])('P10 with %o it is refused by %s of %s', (fields, code, field) => {
    expect(refusal({ ...whole, ...fields })).toEqual({ code, field })
  })
})
