import type { StreamInfo } from '@nats-io/jetstream'
import { describe, expect, test } from 'vitest'
import { LeaderlessStreamError } from './api-errors.ts'
import { streamInfo } from './jetstream-streams.ts'

const answering = (replicas: number, cluster?: { readonly leader?: string }) => ({
  info: () => Promise.resolve({ config: { num_replicas: replicas }, cluster } as unknown as StreamInfo),
})

describe('what is said of a stream', () => {
  test.each([
    ['one copy on a server alone', answering(1)],
    ['one copy in a cluster', answering(1, { leader: 'n1' })],
    ['three copies and their leader', answering(3, { leader: 'n1' })],
  ])('counts: %s', async (_what, streams) => {
    expect(await streamInfo(streams, 'S')).toMatchObject({ config: {} })
  })

  test('does not count from a server that came up before there was a leader', async () => {
    for (const cluster of [{}, undefined])
      await expect(streamInfo(answering(3, cluster), 'S')).rejects.toThrow(LeaderlessStreamError)
  })
})
