/** Bad input gets a fault that names the field and the limit, and changes nothing (P10). */
import { isFault, type Fault } from '@waggle/kernel'
import { limits } from '@waggle/protocol'
import type { CollectiveHandle, ExperienceInput } from '@waggle/sdk'
import { left, shorten } from '../terminal/text.ts'
import { mark, type Section, type Stage } from './section.ts'

interface BadInput {
  readonly what: string
  readonly input: Readonly<Record<string, unknown>>
  /** What the fault has to name. */
  readonly field: string
}

const badInputs: readonly BadInput[] = [
  {
    what: '100 KB of content and 1 B',
    input: { content: 'x'.repeat(limits.CONTENT_BYTES_MAX + 1) },
    field: 'content',
  },
  { what: 'an embedding of 3 numbers', input: { content: 'short', embedding: [1, 2, 3] }, field: 'embedding' },
  { what: 'an importance of 7', input: { content: 'very important', importance: 7 }, field: 'importance' },
  { what: 'a misspelt field', input: { content: 'typo', importence: 1 }, field: 'importence' },
]

export const sendBadInput = async (stage: Stage, hive: CollectiveHandle): Promise<Section> => {
  const countBefore = (await hive.stats()).experienceCount
  const refusals: { readonly bad: BadInput; readonly fault: Fault | undefined }[] = []
  for (const bad of badInputs) refusals.push({ bad, fault: await faultOf(hive, bad) })
  const countAfter = (await hive.stats()).experienceCount
  return {
    name: 'badInput',
    title: 'BAD INPUT',
    subtitle: 'refused with a code, the field and the limit; nothing is changed',
    lines: refusals.map(({ bad, fault }) => {
      const head = `${left(bad.what, 26)}  ${left(fault?.code ?? 'accepted', 18)}  `
      const facts = shorten(factsOf(fault), stage.width - head.length - 2)
      return `${mark(stage, names(fault, bad))} ${head}${stage.colours.dim(facts)}`
    }),
    facts: { refusals: refusals.map(({ fault }) => fault?.toJSON()) },
    checks: [
      { promise: 'bad input is refused by field', kept: refusals.every(({ bad, fault }) => names(fault, bad)) },
      { promise: 'bad input changes nothing', kept: countBefore === countAfter },
    ],
  }
}

const names = (fault: Fault | undefined, { field }: BadInput): boolean => fault?.details.field === field

/** `content: size 102401, limit 102400`. */
const factsOf = (fault: Fault | undefined): string => {
  const { field, min: _min, max: _max, ...facts } = fault?.details ?? {}
  const texts = Object.entries(facts).map(([name, value]) => `${name} ${String(value)}`)
  return [String(field), texts.join(', ')].filter((part) => part !== '').join(': ')
}

const faultOf = async (hive: CollectiveHandle, { input }: BadInput): Promise<Fault | undefined> => {
  try {
    await hive.record(input as unknown as ExperienceInput)
    return undefined
  } catch (error) {
    if (isFault(error)) return error
    throw error
  }
}
