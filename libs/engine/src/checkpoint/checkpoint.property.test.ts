/** Random histories: a checkpoint and the log behind it lead to the state that the whole log leads to. */
import { SYSTEM_TENANT, type Sequence } from '@waggle/protocol'
import { describe, expect, test } from 'vitest'
import { KeyHistory } from '../testing/keys/key-history.ts'
import { MemoryHistory } from '../testing/memory/memory-history.ts'
import type { CallOperation } from '../testing/memory/memory-store.ts'
import { openTestEngine } from '../testing/test-engine.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { StoreSnapshot } from '../store/key-value-store.ts'
import { digestSnapshot } from '../digest.ts'
import { dumpState } from './state-dump.ts'
import { unpaced } from './state-frames.ts'
import { restoreState } from './state-restore.ts'

const SEEDS = Array.from({ length: 16 }, (_, index) => index + 1)
const STEPS = 60

interface Taken {
  readonly sequence: Sequence
  readonly snapshot: StoreSnapshot
}

describe('random histories', () => {
  test.each(SEEDS)('P8 K3 seed %d: checkpoint and log give the digest that the log gives', async (seed) => {
    const taken: Taken[] = []
    const store = new MemoryStore()
    const leader = await openTestEngine({
      ...{ seed, store },
      onCheckpointing: (said) => {
        if (said.kind === 'digest') taken.push({ sequence: said.sequence, snapshot: store.snapshot() })
      },
    })
    const call: CallOperation = (operation, body) => leader.call(operation, body)
    const histories = [new MemoryHistory(seed, STEPS), new KeyHistory(seed + 100, STEPS)]
    for (const history of histories) await history.create(call)
    for (let step = 0; step < STEPS; step += 1) {
      for (const history of histories) await history.step(call, step)
      if ((step + seed) % 20 !== 0) continue
      const fields = { writer: 'a' }
      await leader.engine.submit({ name: 'maintenance.requestDigest', tenant: SYSTEM_TENANT, fields })
    }
    expect(taken.length).toBeGreaterThan(1)
    const whole = await leader.engine.digest()
    for (const { sequence, snapshot } of taken) {
      const dump = dumpState(snapshot, unpaced)
      const restored = new MemoryStore()
      const { digest } = await restoreState(restored, dump.pieces, { pace: unpaced })
      expect(dump.summary()).toMatchObject({ sequence, digest })
      expect(await digestSnapshot(snapshot, unpaced)).toEqual({ sequence, digest })
      const follower = await openTestEngine({
        ...{ seed, store: restored, stream: leader.stream, fence: 'log', lead: false },
      })
      expect(await follower.engine.digest()).toEqual(whole)
      // K2: what was restored opens again, like any other folder.
      await follower.engine.close()
      const again = await openTestEngine({
        ...{ seed, store: restored, stream: leader.stream, fence: 'log', lead: false },
      })
      expect(await again.engine.digest()).toEqual(whole)
      await again.engine.close()
    }
    await leader.engine.close()
  })
})
