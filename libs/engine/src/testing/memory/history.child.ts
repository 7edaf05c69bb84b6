/** Does such a history over a folder, as `doHistory` says. */
import { doHistory } from '../do-history.ts'
import { MemoryHistory } from './memory-history.ts'

await doHistory((seed, steps) => new MemoryHistory(seed, steps))
