/**
 * Several commands of one collective, all or none (P3).
 *
 * C1  Each is decided against what those before it would leave, in an overlay of its own that is thrown away: a batch
 *     may relate what it has just recorded. Its events take effect together, as one entry of the log.
 * C2  The first command that is refused refuses the batch; the fault names it, and the field inside it.
 * C3  What is created gets an id that the batch's key and the command's place decide, so a retry meets the same ids.
 * C4  Its events, the rows that they write and what those take are bounded (DESIGN K5, P11), for one command may take
 *     thousands of relations along, a thousand insights may rest on a hundred experiences each, and a short command may
 *     rewrite a large record.
 */
import { Fault, isFault } from '@waggle/kernel'
import { limits, tooManyItems, type BatchCommand, type RequestOf } from '@waggle/protocol'
import { keyDeciders } from '../batch-store/key-commands.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { experienceDeciders } from '../memory/experience/experience-commands.ts'
import { insightDeciders } from '../memory/insight/insight-commands.ts'
import { relationDeciders } from '../memory/relation/relation-commands.ts'
import { payloadDeciders } from '../vector-store/payload-commands.ts'
import { vectorDeciders } from '../vector-store/vector-commands.ts'
import type { DecideContext, Decider, Deciders, Decision } from './decider.ts'
import { Rehearsal } from './rehearsal.ts'

type Batch = RequestOf<'batch.commit'>

const deciders = {
  ...experienceDeciders,
  ...relationDeciders,
  ...insightDeciders,
  ...keyDeciders,
  ...vectorDeciders,
  ...payloadDeciders,
}

export const batchDeciders: Pick<Deciders, 'batch.commit'> = {
  'batch.commit'({ collective, commands }, context) {
    knownCollective(context.view, context.tenant, collective)
    const rehearsal = new Rehearsal(context, collective, 'batch.commit')
    const results = commands.map((command, index) => {
      const { events, result } = decideCommand(collective, command, index, { ...context, view: rehearsal.view })
      rehearsal.take(events)
      checkSize(rehearsal)
      return result
    })
    return { events: rehearsal.events, result: { results: results as never } }
  },
}

/** C4. @throws Fault `TOO_MANY_ITEMS` */
const checkSize = ({ events, view: { writes, bytes } }: Rehearsal): void => {
  const bounds = [
    [events.length, limits.BATCH_EVENTS_MAX],
    [writes, limits.BATCH_ROWS_MAX],
    [bytes, limits.BATCH_BYTES_MAX],
  ] as const
  for (const [size, limit] of bounds) if (size > limit) throw tooManyItems('commands', size, limit)
}

const decideCommand = (
  collective: Batch['collective'],
  { operation, ...fields }: BatchCommand,
  index: number,
  context: DecideContext,
): Decision<unknown> => {
  const decide = deciders[operation] as Decider<unknown, unknown>
  try {
    // C3: no key of a caller's command has this form by accident.
    return decide({ collective, ...fields }, { ...context, key: `${context.key}\u0000${index}` })
  } catch (error) {
    if (!isFault(error)) throw error
    throw ofCommand(error, index)
  }
}

/** C2. */
const ofCommand = ({ code, kind, message, details }: Fault, index: number): Fault => {
  const { field } = details
  const path = `commands[${index}]`
  return new Fault({
    ...{ code, kind, message: `${path}: ${message}` },
    details: { ...details, field: typeof field === 'string' ? `${path}.${field}` : path },
  })
}
