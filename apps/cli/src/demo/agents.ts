/** Agents write down what they know: side by side, each through a handle of its own, into one collective. */
import { isFault } from '@waggle/kernel'
import type { CollectiveHandle, Waggle } from '@waggle/sdk'
import { count, counted, duration } from '../terminal/layout.ts'
import { left, oneLine, right, shorten } from '../terminal/text.ts'
import type { SampleExperience } from './sample.ts'
import { timed, type Section, type Stage } from './section.ts'

export const COLLECTIVE = 'harbour-team'
const DIMENSION = 384
const EMBEDDER = 'hashing'

export const recordTogether = async (
  stage: Stage,
  waggle: Waggle,
  experiences: readonly SampleExperience[],
): Promise<Section> => {
  const hive = await waggle.getOrCreateCollective({ name: COLLECTIVE, dimension: DIMENSION, embedder: EMBEDDER })
  const before = (await hive.stats()).experienceCount
  const agents = [...groupBy(experiences, ({ sourceAgent }) => sourceAgent)].sort(
    ([, one], [, other]) => other.length - one.length,
  )
  const { result, ms } = await timed(stage.clock, async () =>
    Promise.all(agents.map(async ([agent, known]) => recordAsAgent(waggle, agent, known))),
  )
  const ids = result.flat()
  const recorded = (await hive.stats()).experienceCount - before
  const stored = (await hive.getMany(ids)).filter((experience) => experience !== undefined).length
  const perSecond = Math.round(ids.length / (ms / 1000))
  const speed = `${count(ids.length)} experiences in ${duration(ms)}: ${count(perSecond)} records/s`
  return {
    name: 'record',
    title: 'RECORD',
    subtitle: `${agents.length} agents write at once into ${COLLECTIVE} (dimension ${DIMENSION}, embedder ${EMBEDDER})`,
    lines: [
      ...agents.map(([agent, known]) => agentLine(stage, agent, known)),
      `${speed}, each synced to the disk before it is acknowledged`,
      ...(recorded === ids.length ? [] : [`${count(ids.length - recorded)} of them were there already`]),
      exampleLine(stage, experiences),
    ],
    facts: { experiences: ids.length, recorded, agents: agents.length, ms, recordsPerSecond: perSecond },
    checks: [
      { promise: 'every experience is a record of its own', kept: new Set(ids).size === experiences.length },
      { promise: 'every acknowledged experience is stored', kept: stored === experiences.length },
    ],
  }
}

/** One after the other, as an agent learns. The keys make a second demonstration in the same folder double nothing. */
const recordAsAgent = async (
  waggle: Waggle,
  agent: string,
  experiences: readonly SampleExperience[],
): Promise<readonly string[]> => {
  const hive = await waggle.collective(COLLECTIVE)
  const ids: string[] = []
  for (const [index, experience] of experiences.entries())
    ids.push(await recordOnce(hive, experience, `demo-${agent}-${index}`))
  return ids
}

/** The key is remembered for a week; the id that it gave is taken for as long as the record is there. */
const recordOnce = async (hive: CollectiveHandle, experience: SampleExperience, key: string): Promise<string> => {
  try {
    return (await hive.record(experience, { idempotencyKey: key })).id
  } catch (error) {
    if (!isFault(error) || error.code !== 'ALREADY_EXISTS') throw error
    return String(error.details.id)
  }
}

/** Groups in the order of their first members. */
const groupBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group === undefined) groups.set(keyOf(item), [item])
    else group.push(item)
  }
  return groups
}

const KINDS_SHOWN = 3

/** `oncall-agent      64  13 solution, 11 errorPattern, 11 difficulty, 29 in 6 other kinds`. */
const agentLine = ({ width, colours }: Stage, agent: string, known: readonly SampleExperience[]): string => {
  const kinds = [...groupBy(known, ({ type }) => type?.kind ?? 'generic')]
    .map(([kind, of]) => ({ kind, number: of.length }))
    .sort((one, other) => other.number - one.number)
  const shown = kinds.slice(0, KINDS_SHOWN)
  const others = known.length - shown.reduce((total, { number }) => total + number, 0)
  const texts = shown.map(({ kind, number }) => `${number} ${kind}`)
  if (others > 0) texts.push(`${others} in ${counted(kinds.length - shown.length, 'other kind')}`)
  const head = `${left(agent, 16)} ${right(count(known.length), 4)}  `
  return head + colours.dim(shorten(texts.join(', '), width - head.length))
}

const exampleLine = ({ width, colours }: Stage, experiences: readonly SampleExperience[]): string => {
  const example = experiences.find(({ type }) => type?.kind === 'solution') ?? experiences[0]
  const head = `such as ${example?.type?.kind ?? ''} by ${example?.sourceAgent ?? ''}: `
  return colours.dim(head + shorten(oneLine(example?.content ?? ''), width - head.length))
}
