/** What collectives with nothing in them cost in memory once they have been searched, so that each has its indexes. */
import { openWaggle } from '@waggle/embedded'
import { residentBytes } from '../../size/resident-memory.ts'
import { DIMENSION } from '../../vectors/vector-set.ts'
import { tell } from '../program.ts'
import { K, loadWorkload } from '../workload.ts'

const COLLECTIVES = 2_000
/**
 * Before the first figure, so that what everybody needs once counts for none of them: by then the garbage collector has
 * given its young generation the room that it keeps, 23 MB, whoever fills it.
 */
const WARMING = 1_500

export const emptyPhase = async (path: string, folder: string): Promise<void> => {
  const { queries } = await loadWorkload(folder)
  const embedding = queries[0] as Float32Array
  const waggle = await openWaggle({ path })
  const add = async (count: number): Promise<void> => {
    for (let number = 0; number < count; number += 1) {
      const hive = await waggle.createCollective({ name: `empty ${number}`, dimension: DIMENSION })
      await hive.search({ embedding, k: K })
    }
  }
  await add(WARMING)
  const before = residentBytes()
  await add(COLLECTIVES)
  tell({ measure: 'empty collective', bytes: Math.max(0, residentBytes() - before) / COLLECTIVES })
  await waggle.close()
}
