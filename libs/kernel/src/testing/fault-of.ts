import { AssertionError } from '../assert.ts'
import { isFault, type Fault } from '../fault.ts'

/** The fault that `action` throws. @throws AssertionError when it throws none, and any other error as it is. */
export const faultOf = (action: () => unknown): Fault => {
  try {
    action()
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
  throw new AssertionError('no fault was thrown')
}
