/**
 * What the process hands to a command: its streams, what a command may know of the environment, and the user's wish to
 * end. Commands touch nothing else of the process, so a test can be the process.
 */
import type { Readable, Writable } from 'node:stream'
import type { Clock, Timers } from '@waggle/kernel'
import type { PlaceEnvironment } from './place/place.ts'

/** A stream for text; the fields are those of Node's terminal streams. */
export type TextStream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

export interface Host {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly clock: Clock
  readonly timers: Timers
  readonly environment: HostEnvironment
  /** Aborts when the user asked the command to end (Ctrl-C); long work then stops and closes what it opened. */
  readonly interrupted: AbortSignal
}

export interface HostEnvironment extends PlaceEnvironment {
  /** `$NO_COLOR` is set: no colour, not even on a terminal. */
  readonly noColor: boolean
  /** `$TERM` is dumb: the terminal has no colours and cannot draw over a line. */
  readonly isBare?: boolean
  /** `$WAGGLE_DEBUG` is set: what fails shows where. */
  readonly isDebugging?: boolean
  /** `$XDG_STATE_HOME`, or `.local/state` in the home folder: where running clusters are noted down. */
  readonly stateFolder?: string
  /** What processes that the command starts inherit. */
  readonly variables?: Readonly<Record<string, string | undefined>>
}

/** 0 done, 1 fault, 2 wrong usage, 130 interrupted (128 + the number of SIGINT, as shells have it). */
export type ExitCode = 0 | 1 | 2 | 130
