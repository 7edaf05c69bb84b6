/** Where a command works, over real files. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { UsageError } from '../faults.ts'
import { testFolder } from '../testing/store-folder.ts'
import { placeOf, type PlaceEnvironment } from './place.ts'

const HERE = 'nats://127.0.0.1:4222'

/** A configuration folder with these contexts, `name` being selected. */
const withContexts = (name: string, contexts: Readonly<Record<string, unknown>>): PlaceEnvironment => {
  const home = testFolder()
  const configFolder = path.join(home, '.config')
  mkdirSync(path.join(configFolder, 'nats', 'context'), { recursive: true })
  writeFileSync(path.join(configFolder, 'nats', 'context.txt'), `${name}\n`)
  for (const [each, context] of Object.entries(contexts))
    writeFileSync(path.join(configFolder, 'nats', 'context', `${each}.json`), JSON.stringify(context))
  return { configFolder, home }
}

describe('placeOf', () => {
  it('W1: the command line decides, whatever the environment says', async () => {
    const environment = { path: 'there', natsUrl: 'nats://elsewhere' }
    expect(await placeOf({ path: 'here' }, environment)).toEqual({ kind: 'folder', path: 'here', from: '--path' })
    expect(await placeOf({ server: '127.0.0.1' }, environment)).toEqual({
      kind: 'cluster',
      from: '--server',
      address: { servers: [HERE], credentials: {} },
    })
  })

  it('W2, W5: $WAGGLE_PATH goes before $NATS_URL, and says so', async () => {
    expect(await placeOf({}, { path: 'there' })).toEqual({ kind: 'folder', path: 'there', from: '$WAGGLE_PATH' })
    expect(await placeOf({}, { path: 'there', natsUrl: HERE })).toMatchObject({
      ...{ kind: 'folder', path: 'there' },
      note: expect.stringContaining('not $NATS_URL') as string,
    })
  })

  it('W2, W5: $NATS_URL is a cluster, and a note names it without its credentials', async () => {
    const place = await placeOf({}, { natsUrl: 'nats://ann:secret@127.0.0.1' })
    expect(place).toMatchObject({ kind: 'cluster', address: { credentials: { user: 'ann', password: 'secret' } } })
    expect(place.note).toContain(HERE)
    expect(place.note).not.toContain('secret')
  })

  it('W3, W5: the selected context of NATS is a cluster', async () => {
    const environment = withContexts('team', {
      team: { url: 'nats://10.0.0.1', user: 'ann', password: 'x', creds: '' },
    })
    expect(await placeOf({}, environment)).toMatchObject({
      kind: 'cluster',
      address: { servers: ['nats://10.0.0.1:4222'], credentials: { user: 'ann', password: 'x' } },
      note: expect.stringContaining('NATS context team') as string,
    })
    expect(await placeOf({}, { ...environment, natsUrl: HERE })).toMatchObject({ address: { servers: [HERE] } })
  })

  it('W3: credentials of a context are a file under the home folder, or a token', async () => {
    const environment = withContexts('file', { file: { url: HERE, creds: '~/a.creds' } })
    expect(await placeOf({}, environment)).toMatchObject({
      address: { credentials: { creds: path.join(environment.home as string, 'a.creds') } },
    })
    expect(await placeOf({}, withContexts('token', { token: { url: HERE, token: 't' } }))).toMatchObject({
      address: { credentials: { token: 't' } },
    })
  })

  it('certificates come from the command line, the context and the environment, each in its place', async () => {
    const context = withContexts('team', {
      team: { url: 'tls://10.0.0.1', ca: '~/ca.pem', cert: '/c.pem', key: '/k.pem' },
    })
    const ca = path.join(context.home as string, 'ca.pem')
    const environment = { ...context, natsCa: '/env.pem' }
    expect(await placeOf({}, environment)).toMatchObject({
      address: { servers: ['tls://10.0.0.1:4222'], tls: { tlsca: ca, tlscert: '/c.pem', tlskey: '/k.pem' } },
    })
    const given = { server: 'tls://here', tlscert: '/a.pem', tlskey: '/b.pem' }
    expect(await placeOf(given, { natsCa: '/env.pem' })).toMatchObject({
      address: { tls: { tlsca: '/env.pem', tlscert: '/a.pem', tlskey: '/b.pem' } },
    })
    await expect(placeOf({ server: 'here', tlscert: '/a.pem' }, {})).rejects.toThrow('a certificate needs its key')
    await expect(placeOf({ tlsca: '/a.pem' }, {})).rejects.toThrow('are for a cluster')
  })

  it('W4: without all of these it is a new folder', async () => {
    const environment = withContexts('', {})
    expect(await placeOf({}, environment)).toEqual({ kind: 'folder', path: './waggle-data', from: 'default' })
    expect(await placeOf({}, {})).toEqual({ kind: 'folder', path: './waggle-data', from: 'default' })
  })

  it('X1: a context that asks for what cannot be done is refused, and so is one that is not there', async () => {
    const nkey = withContexts('team', { team: { url: HERE, nkey: '/a.nk' } })
    await expect(placeOf({}, nkey)).rejects.toMatchObject({ code: 'CONTEXT_UNUSABLE' })
    await expect(placeOf({}, withContexts('gone', {}))).rejects.toMatchObject({ code: 'CONTEXT_UNUSABLE' })
    await expect(placeOf({}, withContexts('../x', {}))).rejects.toMatchObject({ code: 'CONTEXT_UNUSABLE' })
    // Who says where to work is not bothered by it.
    expect(await placeOf({ path: 'here' }, nkey)).toEqual({ kind: 'folder', path: 'here', from: '--path' })
  })

  it('credentials: options, then the address, then the environment', async () => {
    const environment = { natsUser: 'env', natsPassword: 'env-secret' }
    const of = async (given: Parameters<typeof placeOf>[0]) => {
      const place = await placeOf(given, environment)
      return place.kind === 'cluster' ? place.address.credentials : undefined
    }
    const inAddress = 'nats://url:url-secret@127.0.0.1'
    expect(await of({ server: inAddress, user: 'me', password: 'mine' })).toEqual({ user: 'me', password: 'mine' })
    expect(await of({ server: inAddress, creds: 'a.creds' })).toEqual({ creds: 'a.creds' })
    expect(await of({ server: inAddress })).toEqual({ user: 'url', password: 'url-secret' })
    expect(await of({ server: HERE })).toEqual({ user: 'env', password: 'env-secret' })
    expect(await of({ server: HERE, user: 'me' })).toEqual({ user: 'me', password: 'env-secret' })
  })

  it('credentials without a cluster, and a user without a password, are wrong usage', async () => {
    await expect(placeOf({ user: 'me', password: 'x' }, {})).rejects.toThrow(UsageError)
    await expect(placeOf({ server: HERE, user: 'me' }, {})).rejects.toThrow(UsageError)
  })
})
