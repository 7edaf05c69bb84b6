/** The store is closed and opened again: nothing has to be rebuilt by hand, and everything is there. */
import type { Waggle } from '@waggle/sdk'
import { count, duration } from '../terminal/layout.ts'
import { COLLECTIVE } from './agents.ts'
import { mark, timed, type Section, type Stage } from './section.ts'

const QUESTION = 'Which migration locked the parcels table?'

/** @param open opens the store that `waggle` was */
export const reopen = async (
  stage: Stage,
  waggle: Waggle,
  open: () => Promise<Waggle>,
): Promise<{ readonly section: Section; readonly waggle: Waggle }> => {
  const before = await glance(waggle)
  await waggle.close()
  const { result: opened, ms: openMs } = await timed(stage.clock, open)
  const { result: after, ms: searchMs } = await timed(stage.clock, async () => glance(opened))
  const isSame = before.count === after.count && before.answer === after.answer
  const section: Section = {
    name: 'reopen',
    title: 'REOPEN',
    subtitle: 'closed, and opened again from the disk',
    lines: [
      `${mark(stage, isSame)} ${count(after.count)} experiences verified and open in ${duration(openMs)}; ` +
        `the first search answers the same in ${duration(searchMs)}`,
    ],
    facts: { experiences: after.count, openMs, firstSearchMs: searchMs },
    checks: [{ promise: 'a store that is opened again answers the same', kept: isSame }],
  }
  return { section, waggle: opened }
}

const glance = async (waggle: Waggle): Promise<{ readonly count: number; readonly answer: string }> => {
  const hive = await waggle.collective(COLLECTIVE)
  const { results } = await hive.search({ text: QUESTION, k: 5 })
  const answer = results.map(({ experience, similarity }) => `${experience.id} ${similarity}`).join()
  return { count: (await hive.stats()).experienceCount, answer }
}
