import { readFileSync } from 'node:fs'
import type { Entry } from './entry.ts'

/** A history as `Recorder` wrote it. */
export const readHistory = (file: string): readonly Entry[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Entry)
