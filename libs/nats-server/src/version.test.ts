import { describe, expect, it } from 'vitest'
import { knowsSyncInterval, parseServerVersion, versionRefusal, type ServerNeed } from './version.ts'

describe('V1 parseServerVersion', () => {
  it.each([
    ['nats-server: v2.9.10\n', '2.9.10', [2, 9, 10], false],
    ['nats-server: v2.14.5', '2.14.5', [2, 14, 5], false],
    ['2.15.2', '2.15.2', [2, 15, 2], false],
    ['nats-server: v2.15.0-RC.1\n', '2.15.0-RC.1', [2, 15, 0], true],
    ['nats-server: v2.12.15+build.7', '2.12.15+build.7', [2, 12, 15], false],
  ])('reads %j', (text, version, numbers, isPreview) => {
    expect(parseServerVersion(text)).toEqual({ text: version, numbers, isPreview })
  })

  it.each(['', 'nats-server: dev', 'nats-server: v2.14', 'v2.14.5.1', 'usage: 12.13.14x'])(
    'sees none in %j',
    (text) => {
      expect(parseServerVersion(text)).toBeUndefined()
    },
  )
})

describe('versionRefusal', () => {
  const isRefused = (text: string, need: ServerNeed): boolean =>
    versionRefusal(parseServerVersion(text)!, need) !== undefined

  it.each(['2.12.15', '2.12.16', '2.14.5', '2.14.9', '2.15.0', '2.15.2', '3.0.0'])('V2 replicates with %s', (text) => {
    expect(isRefused(text, 'replicated')).toBe(false)
  })

  it.each(['1.4.1', '2.9.10', '2.11.99', '2.12.14', '2.12.15-RC.1', '2.13.20', '2.14.0', '2.14.4', '2.14.5-RC.2'])(
    'V2 does not replicate with %s',
    (text) => {
      expect(isRefused(text, 'replicated')).toBe(true)
    },
  )

  it.each(['2.9.10', '2.9.25', '2.10.0', '2.10.19', '2.10.23', '2.11.15', '2.12.6', '2.14.5', '2.15.0-RC.1'])(
    'V3 one server may be %s',
    (text) => {
      expect(isRefused(text, 'unreplicated')).toBe(false)
    },
  )

  it.each(['2.11.0', '2.11.14', '2.11.15-RC.1', '2.12.0-preview.1', '2.12.0', '2.12.5'])(
    'V4 P12 %s has no secure rights',
    (text) => {
      expect(isRefused(text, 'unreplicated')).toBe(true)
    },
  )

  it.each(['1.9.99', '2.2.0', '2.9.9', '2.9.10-beta', '2.10.20', '2.10.22'])('V3 one server may not be %s', (text) => {
    expect(isRefused(text, 'unreplicated')).toBe(true)
  })
})

it.each([
  ['2.9.10', false],
  ['2.9.25', false],
  ['2.10.0', true],
  ['2.10.0-RC.1', true],
  ['2.14.5', true],
  ['unknown', false],
])('%s knows sync_interval: %s', (version, known) => {
  expect(knowsSyncInterval(version)).toBe(known)
})
