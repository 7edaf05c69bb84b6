import { readFileSync } from 'node:fs'
import { readConfiguration } from '@waggle/service-host'
import { documentedLines, optionLines } from '@waggle/service-host/testing'
import { expect, it } from 'vitest'
import { shardOptions } from './options.ts'

const whole = { WAGGLE_NODE: 'node-1', WAGGLE_NATS__URL: 'nats://127.0.0.1:4222', WAGGLE_DIR: 'data' }

const read = (variables: Readonly<Record<string, string>>) =>
  readConfiguration(shardOptions, { variables, arguments: [], readText: () => '' })

it('a shard process has 16 unreplicated shards by default, and the guide has its options', () => {
  expect(read(whole).configuration?.values).toMatchObject({
    cluster: { shards: 16, replicas: 1, copies: 2, durability: 'synced' },
    engine: { decay: { halfLifeMs: 2_592_000_000, freqWeight: 0.25, floor: 0.05 }, activityStaleMs: 300_000 },
  })
  const guide = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8')
  expect(documentedLines(guide, 'Shard')).toEqual(optionLines(shardOptions))
})

it('a decay that names some of its fields has the others by default', () => {
  const given = { ...whole, WAGGLE_ENGINE__DECAY: '{"halfLifeMs":5}', WAGGLE_CLUSTER__REPLICAS: '3' }
  expect(read(given).configuration?.values).toMatchObject({
    engine: { decay: { halfLifeMs: 5, freqWeight: 0.25, floor: 0.05 } },
    cluster: { replicas: 3 },
  })
})

it.each([
  ['WAGGLE_CLUSTER__SHARDS', '0'],
  ['WAGGLE_CLUSTER__SHARDS', '129'],
  ['WAGGLE_CLUSTER__REPLICAS', '2'],
  ['WAGGLE_CLUSTER__COPIES', '6'],
  ['WAGGLE_CLUSTER__DURABILITY', 'maybe'],
  ['WAGGLE_ENGINE__DECAY', 'slow'],
  ['WAGGLE_ENGINE__DECAY', '{"floor":2}'],
  ['WAGGLE_ENGINE__ACTIVITY_STALE_MS', '-1'],
])('P10 a shard process refuses %s=%s', (variable, value) => {
  expect(read({ ...whole, [variable]: value }).refusals.map(({ details }) => details.field)).toEqual([variable])
})
