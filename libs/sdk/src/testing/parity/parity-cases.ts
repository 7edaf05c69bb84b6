/** Registers the cases of the parity suites with the test runner, on one store, with one restart for all of them. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { DIMENSION } from '../store-under-test.ts'
import type { Cases, OpenParityStore, ParityCase, ParityStore } from './parity-store.ts'

interface RestartedCase {
  readonly title: string
  /** Gives what is to be done when the store has been restarted. */
  begin(given: ParityCase): Promise<(given: ParityCase) => Promise<void>>
}

/** @param register registers cases; a store serves all of them */
export const runCases = (name: string, open: OpenParityStore, register: (it: Cases) => void): void => {
  describe(name, () => {
    let store: ParityStore
    let count = 0
    beforeAll(async () => {
      store = await open()
    })
    afterAll(async () => {
      // Absent where it could not be opened.
      await (store as ParityStore | undefined)?.dispose()
    })

    const emptyCase = async (): Promise<ParityCase> => {
      count += 1
      return { store, hive: await store.waggle.createCollective({ name: `case ${count}`, dimension: DIMENSION }) }
    }
    const restarted: RestartedCase[] = []
    const it: Cases = (title, body) => {
      test(title, async () => body(await emptyCase()))
    }
    it.restarted = (title, before, after) => {
      restarted.push({
        title,
        begin: async (given) => {
          const left = await before(given)
          return (again) => after(again, left)
        },
      })
    }
    register(it)
    runRestarted(restarted, () => store, emptyCase)
  })
}

/** Each case's first part, one restart, each case's second part: a restart of a cluster takes seconds. */
const runRestarted = (
  cases: readonly RestartedCase[],
  storeOf: () => ParityStore,
  emptyCase: () => Promise<ParityCase>,
): void => {
  if (cases.length === 0) return
  describe('after a restart', () => {
    const ids = new Map<RestartedCase, string>()
    const begun = new Map<RestartedCase, Promise<(given: ParityCase) => Promise<void>>>()
    beforeAll(async () => {
      for (const one of cases) {
        const { hive } = await emptyCase()
        const beginning = one.begin({ store: storeOf(), hive })
        ids.set(one, hive.id)
        begun.set(one, beginning)
        // What goes wrong before the restart fails the case that it belongs to, and no other.
        await beginning.catch(() => undefined)
      }
      await storeOf().restart()
    })

    test.each(cases.map((one) => [one.title, one] as const))('%s', async (_, one) => {
      const end = await begun.get(one)!
      await end({ store: storeOf(), hive: await storeOf().waggle.collective(ids.get(one)!) })
    })
  })
}
