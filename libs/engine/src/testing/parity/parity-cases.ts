/** Registers the cases of the parity suites with the test runner, on one store. */
import type { BuiltName, ResultOf, TenantId } from '@waggle/protocol'
import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Call, Cases, EmptyCase, ParityCase, ParityStore } from './parity-store.ts'
import { DIMENSION } from './samples.ts'

/** @param suite registers cases; a store serves all of them */
export const runCases = (name: string, open: () => Promise<ParityStore>, suite: (cases: Cases) => void): void => {
  describe(name, () => {
    let store: ParityStore | undefined
    let count = 0
    beforeAll(async () => {
      store = await open()
    })
    afterAll(async () => {
      await store?.dispose()
    })

    const emptyCase = (): EmptyCase => {
      if (store === undefined) throw new Error('the store is open only while the tests run')
      count += 1
      return caseOf(store, `case-${count}` as TenantId)
    }
    const cases: Cases = (title, body) => {
      test(title, async () => body(await withCollective(emptyCase())))
    }
    cases.empty = (title, body) => {
      test(title, async () => body(emptyCase()))
    }
    cases.reopening = (title, body) => {
      cases(title, async (given) => {
        try {
          await body(given)
        } finally {
          await given.store.reopen()
        }
      })
    }
    suite(cases)
  })
}

const caseOf = (store: ParityStore, tenant: TenantId): EmptyCase => {
  const call: Call = async <Name extends BuiltName>(operation: Name, body: object = {}) =>
    (await store.execute(tenant, operation, body)) as ResultOf<Name>
  return { store, tenant, call }
}

const withCollective = async (given: EmptyCase): Promise<ParityCase> => {
  const { collective } = await given.call('collective.create', { name: 'test-collective', dimension: DIMENSION })
  return { ...given, collective: collective.id }
}
