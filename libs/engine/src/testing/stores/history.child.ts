/** Does such a history over a folder, as `doHistory` says. */
import { doHistory } from '../do-history.ts'
import { StoreHistory } from './store-history.ts'

await doHistory((seed, steps) => new StoreHistory(seed, steps))
