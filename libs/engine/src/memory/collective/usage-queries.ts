/** What a tenant has, over all its collectives that live here. */
import type { TenantUsage } from '@waggle/protocol'
import type { Queries } from '../../query/querier.ts'
import { scanCollectives } from './collective-rows.ts'
import { readTotals } from './totals.ts'

export const usageQueries: Pick<Queries, 'tenant.usage'> = {
  async 'tenant.usage'(_, { reading: { state }, tenant }) {
    const usage: { -readonly [Name in keyof TenantUsage]: number } = {
      ...{ collectiveCount: 0, experienceCount: 0, archivedCount: 0, relationCount: 0, insightCount: 0 },
      ...{ keyCount: 0, vectorCount: 0, payloadCount: 0, pageCount: 0, storageBytes: 0 },
    }
    for await (const { scope } of scanCollectives(state, tenant)) {
      const totals = readTotals(state, scope)
      usage.collectiveCount += 1
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) usage[name] += totals[name]
    }
    return { usage }
  },
}
