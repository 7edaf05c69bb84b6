/** Decisions about registered cursors. */
import type { Deciders } from '../command/decider.ts'

export const cursorDeciders: Pick<Deciders, 'cursor.save' | 'cursor.drop'> = {
  'cursor.save': () => {
    throw notBuilt()
  },
  'cursor.drop': () => {
    throw notBuilt()
  },
}

const notBuilt = () => new Error('not built')
