import { isFault } from '@waggle/kernel'
import { Environment } from '@waggle/service-host'
import { describe, expect, it } from 'vitest'
import { routerConfig } from './config.ts'

const whole = {
  WAGGLE_NATS_URL: 'nats://127.0.0.1:4222, nats://127.0.0.1:4223',
  WAGGLE_NATS_USER: 'router',
  WAGGLE_NATS_PASSWORD: 'secret',
  WAGGLE_NODE: 'router-1',
}

const config = (variables: Readonly<Record<string, string | undefined>>) => routerConfig(new Environment(variables))

const refusal = (variables: Readonly<Record<string, string | undefined>>) => {
  try {
    config(variables)
    return undefined
  } catch (error) {
    return isFault(error) ? { code: error.code, field: error.details.field } : error
  }
}

describe('the environment of a router', () => {
  it('tells servers, credentials and a name', () => {
    expect(config(whole)).toEqual({
      servers: ['nats://127.0.0.1:4222', 'nats://127.0.0.1:4223'],
      credentials: { user: 'router', password: 'secret' },
      node: 'router-1',
    })
  })

  it('needs no credentials', () => {
    expect(config({ ...whole, WAGGLE_NATS_USER: undefined, WAGGLE_NATS_PASSWORD: '' })).not.toHaveProperty(
      'credentials',
    )
  })

  it.each([
    [{ WAGGLE_NATS_URL: undefined }, 'REQUIRED_FIELD', 'WAGGLE_NATS_URL'],
    [{ WAGGLE_NATS_URL: ' , ' }, 'REQUIRED_FIELD', 'WAGGLE_NATS_URL'],
    [{ WAGGLE_NODE: undefined }, 'REQUIRED_FIELD', 'WAGGLE_NODE'],
    [{ WAGGLE_NODE: 'a.b' }, 'INVALID_FIELD', 'WAGGLE_NODE'],
    [{ WAGGLE_NODE: 'n'.repeat(65) }, 'INVALID_FIELD', 'WAGGLE_NODE'],
    [{ WAGGLE_NATS_PASSWORD: undefined }, 'REQUIRED_FIELD', 'WAGGLE_NATS_PASSWORD'],
    [{ WAGGLE_NATS_USER: undefined }, 'REQUIRED_FIELD', 'WAGGLE_NATS_USER'],
  ])('P10 with %o it is refused by %s of %s', (fields, code, field) => {
    expect(refusal({ ...whole, ...fields })).toEqual({ code, field })
  })
})
