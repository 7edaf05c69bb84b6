/** Random histories of a collective's pages against a plain model, with rebuilds from the log in between. */
import { describe, expect, test } from 'vitest'
import type { CallOperation } from '../testing/memory/memory-store.ts'
import { PageHistory } from '../testing/pages/page-history.ts'
import { openTestEngine } from '../testing/test-engine.ts'

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1)
const STEPS = 120

describe('histories of pages', () => {
  test.each(SEEDS)(
    'P1 P2 P3 P8 U2 U3 seed %d ends as a plain model says, also when built again from the log',
    async (seed) => {
      let engine = await openTestEngine({ seed })
      const call: CallOperation = (operation, body) => engine.call(operation, body)
      const history = new PageHistory(seed, STEPS)
      await history.create(call)
      for (let step = 0; step < STEPS; step += 1) {
        expect(await history.step(call, step)).toBeUndefined()
        if (step % 7 === 0) expect(await history.step(call, step), 'again').toBeUndefined()
        if (step % 50 !== 49) continue
        const digest = await engine.engine.digest()
        await engine.engine.close()
        engine = await openTestEngine({ seed, stream: engine.stream, clock: engine.clock })
        expect(await engine.engine.digest()).toEqual(digest)
      }
      expect(await history.read(call)).toEqual(history.state)
      await engine.engine.close()
    },
  )
})
