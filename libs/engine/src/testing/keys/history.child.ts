/** Does such a history over a folder, as `doHistory` says. */
import { doHistory } from '../do-history.ts'
import { KeyHistory } from './key-history.ts'

await doHistory((seed, steps) => new KeyHistory(seed, steps))
