/** A write that is sent again takes effect once (P2). */
import { isFault } from '@waggle/kernel'
import type { CollectiveHandle } from '@waggle/sdk'
import { count } from '../terminal/layout.ts'
import { mark, type Section, type Stage } from './section.ts'

const KEY = 'demo-exactly-once'
const EXPERIENCE = {
  content: 'Refund job of 2026-11-20 ran to its end: 1,204 refunds, checked against the ledger.',
  sourceAgent: 'payments-agent',
} as const

export const sendAgain = async (stage: Stage, hive: CollectiveHandle): Promise<Section> => {
  const first = await hive.record(EXPERIENCE, { idempotencyKey: KEY })
  const countBefore = (await hive.stats()).experienceCount
  const second = await hive.record(EXPERIENCE, { idempotencyKey: KEY })
  const changed = { ...EXPERIENCE, content: EXPERIENCE.content.replace('1,204', '1,240') }
  const refusal = await codeOf(async () => hive.record(changed, { idempotencyKey: KEY }))
  const countAfter = (await hive.stats()).experienceCount
  const isSame = first.id === second.id && first.token === second.token
  const isRefused = refusal === 'IDEMPOTENCY_KEY_REUSED'
  return {
    name: 'exactlyOnce',
    title: 'EXACTLY ONCE',
    subtitle: `the answer got lost, so payments-agent sends again, with the same idempotency key`,
    lines: [
      `first   id ${first.id}  token ${first.token}`,
      `again   id ${second.id}  token ${second.token}`,
      `${mark(stage, isSame && countBefore === countAfter)} the same id, the same token; ` +
        `${count(countBefore)} experiences before, ${count(countAfter)} after`,
      `${mark(stage, isRefused)} the same key with another text: ${refusal ?? 'accepted'}`,
    ],
    facts: { id: first.id, sameId: first.id === second.id, sameToken: first.token === second.token, refusal },
    checks: [
      { promise: 'a repeated write gives the first answer', kept: isSame },
      { promise: 'a repeated write adds nothing', kept: countBefore === countAfter },
      { promise: 'a key cannot be used for another write', kept: isRefused },
    ],
  }
}

/** The code of the fault that `work` ends in, or `undefined` when it does not. */
const codeOf = async (work: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await work()
    return undefined
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}
