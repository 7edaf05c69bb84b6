/** Takes the frames of a subscription, as text, and fails where one that was expected does not come. */
import { pause, systemTimers } from '@waggle/kernel'
import type { CollectiveHandle } from '../../collective-handle.ts'
import { textEntries, textsOf, type TextEntry } from './keys.ts'

export interface TextFrame {
  readonly sequence: number
  readonly entries: readonly TextEntry[]
  readonly deleted: readonly string[]
}

/** Far longer than a poll takes to be told. */
const FRAME_MS_MAX = 30_000

type Subscription = ReturnType<CollectiveHandle['keys']['subscribe']>
type SubscribeInput = Parameters<CollectiveHandle['keys']['subscribe']>[0]

export class FrameReader {
  readonly subscription: Subscription

  constructor(subscription: Subscription) {
    this.subscription = subscription
  }

  /** One that begins where the store is now. */
  static async open({ keys }: CollectiveHandle, input: SubscribeInput = {}): Promise<FrameReader> {
    const subscription = keys.subscribe(input)
    await subscription.ready
    return new FrameReader(subscription)
  }

  /** The next frame. */
  async next(): Promise<TextFrame> {
    const late = pause(systemTimers, FRAME_MS_MAX).then(() => {
      throw new Error(`no frame within ${FRAME_MS_MAX} ms`)
    })
    late.catch(() => undefined)
    const { value } = await Promise.race([this.subscription.next(), late])
    if (value === undefined) throw new Error('the subscription ended')
    const { sequence, entries, deleted } = value
    return { sequence, entries: textEntries(entries), deleted: textsOf(deleted) }
  }

  async take(count: number): Promise<readonly TextFrame[]> {
    const frames: TextFrame[] = []
    while (frames.length < count) frames.push(await this.next())
    return frames
  }

  /** Frames until this batch's, which is the last of them. */
  async through(sequence: number): Promise<readonly TextFrame[]> {
    const frames: TextFrame[] = []
    while (frames.at(-1)?.sequence !== sequence) frames.push(await this.next())
    return frames
  }

  async end(): Promise<void> {
    await this.subscription.return()
  }
}

/** Runs with a reader of frames, which is ended whatever becomes of it. */
export const reading = async (
  hive: CollectiveHandle,
  input: SubscribeInput,
  work: (reader: FrameReader) => Promise<void>,
): Promise<void> => {
  const reader = await FrameReader.open(hive, input)
  try {
    await work(reader)
  } finally {
    await reader.end()
  }
}
