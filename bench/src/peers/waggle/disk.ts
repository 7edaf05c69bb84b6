/** What a record takes on the disk: of the state, and of what replicas, watchers and crashes need, which is bounded. */
import { diskParts } from '../../size/disk-parts.ts'
import { tell } from '../program.ts'
import { loadWorkload } from '../workload.ts'

/** @param path of a closed store */
export const diskPhase = async (path: string, folder: string): Promise<void> => {
  const { rows } = await loadWorkload(folder)
  const { records, embeddings, otherState, outcomes, log, journal, files } = await diskParts(path)
  tell({ measure: 'state a record', bytes: (records + embeddings + otherState + outcomes) / rows })
  tell({ measure: 'log and journal a record', bytes: (log + journal) / rows })
  tell({ measure: 'files a record', bytes: files / rows })
}
