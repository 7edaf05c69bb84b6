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
import { limits, tooManyItems, type BatchCommand, type LogEvent, type RequestOf, type Sequence } from '@waggle/protocol'
import { keyDeciders } from '../batch-store/key-commands.ts'
import { applyEntry } from '../event/apply.ts'
import { knownCollective } from '../memory/collective/collective-commands.ts'
import { experienceDeciders } from '../memory/experience/experience-commands.ts'
import { insightDeciders } from '../memory/insight/insight-commands.ts'
import { relationDeciders } from '../memory/relation/relation-commands.ts'
import { Overlay } from '../state/overlay.ts'
import { payloadDeciders } from '../vector-store/payload-commands.ts'
import { vectorDeciders } from '../vector-store/vector-commands.ts'
import type { DecideContext, Decider, Deciders, Decision } from './decider.ts'

type Batch = RequestOf<'batch.commit'>

const deciders = {
  ...experienceDeciders,
  ...relationDeciders,
  ...insightDeciders,
  ...keyDeciders,
  ...vectorDeciders,
  ...payloadDeciders,
}

/** Where the overlay's rows seem to stand; no decision asks. */
const NOWHERE = Number.MAX_SAFE_INTEGER as Sequence

export const batchDeciders: Pick<Deciders, 'batch.commit'> = {
  'batch.commit'({ collective, commands }, context) {
    knownCollective(context.view, context.tenant, collective)
    const scratch = new Overlay(context.view)
    const events: LogEvent[] = []
    const results: unknown[] = []
    commands.forEach((command, index) => {
      const decision = decideCommand(collective, command, index, { ...context, view: scratch })
      applyTo(scratch, { events: decision.events, firstIndex: events.length }, collective, context)
      events.push(...decision.events)
      results.push(decision.result)
      checkSize(events, scratch)
    })
    return { events, result: { results: results as never } }
  },
}

/** C4. @throws Fault `TOO_MANY_ITEMS` */
const checkSize = (events: readonly LogEvent[], { writes, bytes }: Overlay): void => {
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

/** C1. */
const applyTo = (
  scratch: Overlay,
  { events, firstIndex }: { readonly events: readonly LogEvent[]; readonly firstIndex: number },
  collective: Batch['collective'],
  { tenant, timeMs, generation }: DecideContext,
): void => {
  const entry = { tenant, collective, command: 'batch.commit', events, result: { ok: {} } }
  applyEntry(scratch, entry, { sequence: NOWHERE, timeMs, generation }, firstIndex, () => undefined)
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
