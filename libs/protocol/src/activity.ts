import type { CollectiveId } from './collective.ts'

/** What an agent says that it is doing. */
export interface NewActivity {
  /** 1..255 bytes. */
  readonly agent: string
  /** At most 1,024 bytes. */
  readonly task?: string
  /** At most 1,024 bytes. */
  readonly summary?: string
}

/** The presence of an agent in a collective: one an agent. */
export interface Activity extends NewActivity {
  readonly collective: CollectiveId
  /** Epoch milliseconds of the registration. */
  readonly startedAt: number
  /** Epoch milliseconds; an agent whose last one is too old is no longer active. */
  readonly lastHeartbeat: number
}
