/** Does such a history over a folder, as `doHistory` says. */
import { doHistory } from '../do-history.ts'
import { PageHistory } from './page-history.ts'

await doHistory((seed, steps) => new PageHistory(seed, steps))
