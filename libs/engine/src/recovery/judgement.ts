/**
 * Which records of a log count (DESIGN L2): a pure judgement, the same on a leader, a follower and a rebuild.
 *
 * J1  A record of the current term that follows from the tip takes effect; so does a barrier at the position that it
 *     names, if it follows from the tip.
 * J2  One that is of the current term, or is a barrier at its own position, and does not follow contradicts what was
 *     applied: the log has diverged. It is never skipped.
 * J3  Every other record is foreign: of a term that ended, or of one that never began. It is skipped.
 * J4  A record that cannot be read is held, and so is what comes after it, until a readable one shows by its
 *     predecessor that the lost ones did not count (they are skipped) or did (the log is damaged).
 */
import { equalBytes } from '@waggle/kernel'
import type { Epoch, LogRecord, RecordDefect, Sequence, Tip } from '@waggle/protocol'
import type { Position } from './position.ts'

/** `intact`: everything so far was judged. `suspect`: records since some sequence are held (J4). */
export type JudgementState = 'intact' | 'suspect'

/** How the next record stands to what was applied. */
export type RecordStanding = 'follows' | 'contradicts' | 'foreign' | 'namesLost' | 'unreadable' | 'unsupported'

/** What to do with it: `release` skips what is held and applies the record. */
export type Verdict = 'apply' | 'skip' | 'hold' | 'release' | 'diverged' | 'damaged' | 'unsupported'

export const verdicts: Record<JudgementState, Record<RecordStanding, Verdict>> = {
  intact: {
    follows: 'apply',
    contradicts: 'diverged',
    foreign: 'skip',
    // Nothing is lost while nothing is held, so whatever it names was never there.
    namesLost: 'diverged',
    unreadable: 'hold',
    unsupported: 'unsupported',
  },
  suspect: {
    follows: 'release',
    contradicts: 'diverged',
    foreign: 'hold',
    namesLost: 'damaged',
    unreadable: 'hold',
    unsupported: 'unsupported',
  },
}

/** What the judgement of a record depends on. */
export interface JudgedSoFar {
  readonly generation: Position['generation']
  readonly tip: Tip
  readonly epoch: Epoch
}

/**
 * @param record what stands at `sequence`, or why it cannot be read; `missing` when nothing stands there
 * @param heldFrom the first record that is held, where some are
 */
export const standingOf = (
  record: LogRecord | RecordDefect | 'missing',
  sequence: Sequence,
  { generation, tip, epoch }: JudgedSoFar,
  heldFrom: Sequence | undefined,
): RecordStanding => {
  if (record === 'format') return 'unsupported'
  if (typeof record === 'string') return 'unreadable'
  const isLost = (at: Sequence): boolean => heldFrom !== undefined && at >= heldFrom && at < sequence
  const isBarrier = record.epoch.sequence === record.position
  const isOfTerm = record.epoch.sequence === epoch.sequence && record.epoch.id === epoch.id
  if (record.generation !== generation) return 'foreign'
  if (!isOfTerm && !(isBarrier && record.position === sequence))
    // A term whose barrier is among the lost began there: terms that never began have no records but their barrier.
    return isLost(record.epoch.sequence) && !isBarrier ? 'namesLost' : 'foreign'
  const { previous } = record
  const follows = previous.sequence === tip.sequence && equalBytes(previous.hash, tip.hash)
  if (record.position === sequence && follows) return 'follows'
  return isLost(previous.sequence) ? 'namesLost' : 'contradicts'
}
