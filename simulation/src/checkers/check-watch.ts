/** Watchers: each saw every change of its collective once, in order, whole (P6, P3). */
import type { WatchedStory } from '../workload/history.ts'
import type { Model, ModelFrame } from './model.ts'

export const checkWatchers = (stories: readonly WatchedStory[], { collectives }: Model): readonly string[] =>
  stories.flatMap((story) => {
    const frames = collectives.get(story.collective)?.frames ?? []
    return story.lost > 0
      ? []
      : checkStory(
          story,
          frames.filter(({ sequence }) => sequence <= story.seen),
        )
  })

const checkStory = ({ watcher, frames }: WatchedStory, expected: readonly ModelFrame[]): readonly string[] => {
  for (const [index, frame] of frames.entries()) {
    const wanted = expected[index]
    const [found, model] = [frame, wanted].map((each) => JSON.stringify(each)) as [string, string | undefined]
    if (found !== model) return [`P6 ${watcher} saw ${found} where the log has ${model ?? 'nothing'}`]
  }
  const missed = expected[frames.length]
  return missed === undefined ? [] : [`P6 ${watcher} did not see sequence=${missed.sequence}`]
}
