/** Lets the user put questions of their own to what the agents know. */
import { createInterface } from 'node:readline'
import type { CollectiveHandle } from '@waggle/sdk'
import type { Host } from '../host.ts'
import { duration } from '../terminal/layout.ts'
import type { Output } from '../terminal/output.ts'
import { hitLine } from './questions.ts'
import { timed, type Stage } from './section.ts'

const HITS = 3

/** Ends with an empty line, the end of the input, or an interrupt. */
export const answerUser = async (stage: Stage, { host, output }: Terminal, hive: CollectiveHandle): Promise<void> => {
  const { stdin, stdout, interrupted } = host
  const lines = createInterface({ input: stdin, output: stdout, prompt: 'ask> ', terminal: true })
  const end = (): void => {
    lines.close()
  }
  // On a terminal that is read key by key, Ctrl-C is no signal but a key.
  lines.on('SIGINT', end)
  interrupted.addEventListener('abort', end)
  try {
    await output.write('Ask what the agents know, such as "why do deploys fail"; an empty line ends.\n')
    lines.prompt()
    for await (const line of lines) {
      const text = line.trim()
      if (text === '') break
      const { result, ms } = await timed(stage.clock, async () => hive.search({ text, k: HITS }))
      const answers = result.results.map((hit) => `  ${hitLine(stage, hit, ' ')}\n`)
      await output.write(`${answers.join('')}  ${stage.colours.dim(duration(ms))}\n`)
      lines.prompt()
    }
  } finally {
    interrupted.removeEventListener('abort', end)
    lines.close()
  }
}

export interface Terminal {
  readonly host: Host
  readonly output: Output
}
