/** The bundled sample: what the agents of a fictional company know, and what they would ask. */
import { readFile } from 'node:fs/promises'
import type { ExperienceInput, FilterInput } from '@waggle/sdk'
import { unreadable } from '../input-file.ts'

export interface SampleExperience extends ExperienceInput {
  readonly sourceAgent: string
}

export interface SampleQuestion {
  readonly question: string
  /** A phrase from each experience that answers the question. */
  readonly expect: string
  readonly filter?: FilterInput
}

export interface Sample {
  readonly experiences: readonly SampleExperience[]
  readonly questions: readonly SampleQuestion[]
}

/** The folder lies beside `src` and `dist`, so it is found from both. @throws Fault `INPUT_UNREADABLE` */
export const loadSample = async (): Promise<Sample> => ({
  experiences: await rowsOf<SampleExperience>('experiences.jsonl'),
  questions: await rowsOf<SampleQuestion>('questions.jsonl'),
})

/** What the files hold is checked by `sample.test.ts`. */
const rowsOf = async <Row>(name: string): Promise<readonly Row[]> => {
  const url = new URL(`../../sample/${name}`, import.meta.url)
  const text = await readFile(url, 'utf8').catch((error: unknown) => {
    throw unreadable(url.pathname, error)
  })
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
