/** Questions are put to what all agents know, and the answers compared with what is expected. */
import type { SearchHit } from '@waggle/protocol'
import type { CollectiveHandle } from '@waggle/sdk'
import { count, duration } from '../terminal/layout.ts'
import { left, oneLine, right, shorten } from '../terminal/text.ts'
import type { SampleQuestion } from './sample.ts'
import { mark, percentile, type Section, type Stage } from './section.ts'

/** An expected answer counts when it is among this many. */
const TOP = 5
const ROUNDS = 10
const QUESTIONS_SHOWN = 5
const HITS_SHOWN = 2
/**
 * An embedder that hashes words does not know what a question in other words means, so not every answer is found. Fewer
 * than this share would be a defect of ours (measured: 21 of 24).
 */
const FOUND_SHARE_MIN = 0.75

interface Answer {
  readonly question: SampleQuestion
  readonly hits: readonly SearchHit[]
  readonly found: boolean
}

export const askQuestions = async (
  stage: Stage,
  hive: CollectiveHandle,
  questions: readonly SampleQuestion[],
): Promise<Section> => {
  const times: number[] = []
  const answers: Answer[] = []
  for (let round = 0; round < ROUNDS; round += 1)
    for (const question of questions) {
      const startedMs = stage.clock.monotonicMs()
      const hits = await ask(hive, question)
      times.push(stage.clock.monotonicMs() - startedMs)
      if (round === 0) answers.push({ question, hits, found: hits.some((hit) => answersIt(hit, question)) })
    }
  const found = answers.filter((answer) => answer.found).length
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)]
  return {
    name: 'search',
    title: 'SEARCH',
    subtitle: 'questions in words of their own; ✓ is the answer that was expected',
    lines: [
      ...spread(answers, QUESTIONS_SHOWN).flatMap((answer) => answerLines(stage, answer)),
      `${found} of ${answers.length} questions have the expected answer in the top ${TOP} ` +
        `(the embedder hashes words: no model)`,
      `${count(times.length)} searches, embedding the question included: p50 ${duration(p50)}, p99 ${duration(p99)}`,
    ],
    facts: { questions: answers.length, found, searches: times.length, p50Ms: p50, p99Ms: p99 },
    checks: [
      { promise: 'a search gives as many as were asked for', kept: answers.every(isFull) },
      { promise: 'expected answers are found', kept: found >= answers.length * FOUND_SHARE_MIN },
    ],
  }
}

const ask = async (hive: CollectiveHandle, { question, filter }: SampleQuestion): Promise<readonly SearchHit[]> =>
  (await hive.search({ text: question, k: TOP, filter })).results

const answersIt = ({ experience }: SearchHit, { expect }: SampleQuestion): boolean =>
  experience.content.includes(expect)

/** P7; of what a filter lets through there may be fewer. */
const isFull = ({ question, hits }: Answer): boolean =>
  question.filter === undefined ? hits.length === TOP : hits.length <= TOP

/** Some of them, from all over the list. */
const spread = <Item>(items: readonly Item[], number: number): readonly Item[] => {
  const step = Math.max(1, Math.floor(items.length / number))
  return items.filter((_, index) => index % step === 0).slice(0, number)
}

const answerLines = (stage: Stage, { question, hits, found }: Answer): readonly string[] => {
  const { width, colours } = stage
  const rank = hits.findIndex((hit) => answersIt(hit, question)) + 1
  const verdict = !found ? `not in the top ${TOP}` : rank > HITS_SHOWN ? `expected at rank ${rank}` : ''
  const asked = shorten(question.question, width - verdict.length - 2)
  return [
    `${colours.bold(asked)}  ${found ? colours.dim(verdict) : colours.warn(verdict)}`.trimEnd(),
    ...hits.slice(0, HITS_SHOWN).map((hit) => hitLine(stage, hit, answersIt(hit, question) ? mark(stage, true) : ' ')),
  ]
}

/** `✓ 0.412  solution       migration-agent   What worked for …`. */
export const hitLine = ({ width, colours }: Stage, { experience, score }: SearchHit, sign: string): string => {
  const { type, sourceAgent, content } = experience
  const facts = `${right(score.toFixed(3), 6)}  ${left(shorten(type.kind, 14), 14)}  ${left(sourceAgent, 15)}  `
  return `${sign} ${colours.dim(facts)}${shorten(oneLine(content), width - facts.length - 2)}`
}
