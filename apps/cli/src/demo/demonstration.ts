/** The demonstration from its first line to its verdict. Every figure is measured in the run that prints it. */
import type { Waggle } from '@waggle/sdk'
import type { ExitCode } from '../host.ts'
import { openStore, stopIfInterrupted, type Task } from '../task.ts'
import { count, duration } from '../terminal/layout.ts'
import { COLLECTIVE, recordTogether } from './agents.ts'
import { sendBadInput } from './bad-input.ts'
import { connect } from './connect.ts'
import { survive } from './crash.ts'
import { sendAgain } from './exactly-once.ts'
import { handOff } from './hand-off.ts'
import { answerUser } from './prompt.ts'
import { askQuestions } from './questions.ts'
import { reopen } from './reopen.ts'
import { loadSample } from './sample.ts'
import type { Section, Stage } from './section.ts'

const WIDTH_MAX = 100
const INDENT = '  '

export interface DemoOptions {
  /** Folder of the store. */
  readonly path: string
  /** What to say of the folder. */
  readonly place: string
  /** The user is asked for questions at the end. */
  readonly interactive: boolean
}

/** 0 when every promise was kept. */
export const demonstrate = async (task: Task, options: DemoOptions): Promise<ExitCode> => {
  const { output, host } = task
  const { clock } = host
  const startedMs = clock.monotonicMs()
  const width = Math.min(WIDTH_MAX, output.width) - INDENT.length
  const stage: Stage = { clock, colours: output.colours, width }
  const sections: Section[] = []
  const show = async (section: Section): Promise<void> => {
    sections.push(section)
    if (!output.json) await output.write(sectionText(stage, section))
    stopIfInterrupted(task)
  }
  if (!output.json) await output.write(`${output.colours.bold('Waggle')}, embedded, ${options.place}\n`)
  const open = async (): Promise<Waggle> => openStore(task, { path: options.path })
  let waggle = await open()
  try {
    const sample = await loadSample()
    await show(await recordTogether(stage, waggle, sample.experiences))
    const hive = await waggle.collective(COLLECTIVE)
    await show(await askQuestions(stage, hive, sample.questions))
    const handedOff = await handOff(stage, waggle)
    await show(handedOff)
    await show(await connect(stage, waggle, String(handedOff.facts.id)))
    await show(await sendAgain(stage, hive))
    await show(await sendBadInput(stage, hive))
    await show(await survive(stage, task))
    const reopened = await reopen(stage, waggle, open)
    waggle = reopened.waggle
    await show(reopened.section)
    const exitCode = await conclude(task, sections, clock.monotonicMs() - startedMs)
    if (options.interactive) await answerUser(stage, task, await waggle.collective(COLLECTIVE))
    return exitCode
  } finally {
    await waggle.close()
  }
}

const sectionText = ({ colours }: Stage, { title, subtitle, lines }: Section): string =>
  `\n${colours.bold(colours.accent(title))}  ${subtitle}\n${lines.map((line) => `${INDENT}${line}\n`).join('')}`

const conclude = async ({ output }: Task, sections: readonly Section[], ms: number): Promise<ExitCode> => {
  const checks = sections.flatMap((section) => section.checks)
  const broken = checks.filter(({ kept }) => !kept).map(({ promise }) => promise)
  await output.data(
    { ...Object.fromEntries(sections.map(({ name, facts }) => [name, facts])), checks: checks.length, broken, ms },
    () => {
      const { good, bad } = output.colours
      const kept = `${count(checks.length - broken.length)} of ${count(checks.length)} promises kept in ${duration(ms)}`
      return ['', broken.length === 0 ? good(kept) : bad(`${kept}; broken: ${broken.join('; ')}`)]
    },
  )
  return broken.length === 0 ? 0 : 1
}
