/** Random histories of keys against a plain model, with rebuilds from the log in between. */
import { DEFAULT_TENANT } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { readCollective } from '../memory/collective/collective-rows.ts'
import { KeyHistory } from '../testing/keys/key-history.ts'
import type { CallOperation } from '../testing/memory/memory-store.ts'
import { openTestEngine, type TestEngine } from '../testing/test-engine.ts'
import { readKeyStore } from './key-rows.ts'

const SEEDS = Array.from({ length: 12 }, (_, index) => index + 1)
const STEPS = 120

/** The same log, and a state that is built from it. */
const rebuilt = async (seed: number, { engine, stream, clock }: TestEngine): Promise<TestEngine> => {
  const digest = await engine.digest()
  await engine.close()
  const again = await openTestEngine({ seed, stream, clock })
  expect(await again.engine.digest()).toEqual(digest)
  return again
}

describe('histories of keys', () => {
  test.each(SEEDS)(
    'P2 P4 P8 W1 W3 E43 seed %d reads as a sorted map does, also when built again from the log',
    async (seed) => {
      let engine = await openTestEngine({ seed })
      const call: CallOperation = (operation, body) => engine.call(operation, body)
      const history = new KeyHistory(seed, STEPS)
      await history.create(call)
      for (let step = 0; step < STEPS; step += 1) {
        await history.step(call, step)
        if (step % 7 === 0) await history.step(call, step)
        expect(await history.readSome(call, 1)).toBeUndefined()
        if (step % 40 === 39) engine = await rebuilt(seed, engine)
      }
      expect(await history.readAll(call)).toBeUndefined()
      expect(await history.readBatches(call)).toBeUndefined()
      const { keyCount, bytes } = await engine.engine.read(({ state }) =>
        readKeyStore(state, readCollective(state, DEFAULT_TENANT, history.collective as never)!.scope),
      )
      expect({ keyCount, bytes }).toEqual({ keyCount: history.model.entries.length, bytes: history.model.bytes })
      await engine.engine.close()
    },
  )
})
