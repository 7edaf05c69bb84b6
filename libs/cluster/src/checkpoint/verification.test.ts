import { describe, expect, test } from 'vitest'
import { judgeDigests, type DigestVerdict } from './verification.ts'

const found = (leader: string, others: Readonly<Record<string, string>> = {}, rebuilt?: string) => ({
  leader,
  others: new Map(Object.entries(others)),
  ...(rebuilt === undefined ? {} : { rebuilt }),
})

const verified = (digest: string, ...wrong: string[]): DigestVerdict => ({ kind: 'verified', digest, wrong })
const unverified = (isLeaderWrong: boolean) => ({ kind: 'unverified', isLeaderWrong })

describe('digests at one record', () => {
  test.each([
    ['J1 two that agree', found('a', { n2: 'a' }), verified('a')],
    ['J1 the odd one of three is wrong', found('a', { n2: 'a', n3: 'b' }), verified('a', 'n3')],
    ['J2 nobody to compare with', found('a'), { kind: 'rebuild' }],
    ['J2 two that differ', found('a', { n2: 'b' }), { kind: 'rebuild' }],
    ['J2 two others that agree do not outvote the log', found('a', { n2: 'b', n3: 'b' }), { kind: 'rebuild' }],
    ['J2 one copy that the log leads to', found('a', {}, 'a'), verified('a')],
    ['J2 the follower is wrong', found('a', { n2: 'b' }, 'a'), verified('a', 'n2')],
    ['J2 the leader is wrong', found('a', { n2: 'b' }, 'b'), verified('b', 'n1')],
    ['J3 one copy that the log does not lead to', found('a', {}, 'b'), unverified(true)],
    ['J3 three states', found('a', { n2: 'b' }, 'c'), unverified(false)],
  ] as const)('K3 %s', (_, given, expected) => {
    expect(judgeDigests('n1', given)).toMatchObject(expected)
  })
})
