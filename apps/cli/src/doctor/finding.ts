/** What one examination found. */
import { isFault } from '@waggle/kernel'
import { adviceOf } from '../advice.ts'

export interface Finding {
  /** What was examined, in a word or two. */
  readonly check: string
  /** `warn` works, but not well; `fail` does not work. */
  readonly state: 'ok' | 'warn' | 'fail'
  readonly text: string
  /** What to do about it, where it is not `ok`. */
  readonly hint?: string
}

/** The finding of an examination that was refused. */
export const refused = (check: string, error: unknown): Finding => {
  if (isFault(error)) return { check, state: 'fail', text: `${error.code}: ${error.message}`, hint: adviceOf(error) }
  const text = error instanceof Error ? error.message : String(error)
  return { check, state: 'fail', text, hint: 'The message is all that is known.' }
}
