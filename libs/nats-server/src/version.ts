/**
 * Versions of nats-server: how one is read, and which does for what.
 *
 * V1  A version is what the binary says of itself, never what a file name or a package says.
 * V2  Replicated streams need 2.12.15 of the 2.12 line, or 2.14.5 and newer: before them racing compare-and-set on a
 *     replicated bucket can have several winners, and replicas can part after a change of leader.
 * V3  One server without replicas may be as old as Debian's 2.9.10; but 2.10.20 to 2.10.22 lost whole streams when they
 *     were killed.
 * V4  2.11 before 2.11.15 and 2.12 before 2.12.6 send what they trace to any subject that a client names
 *     (CVE-2026-33249): any tenant could write to a log.
 */

export interface ServerVersion {
  /** As the server says it, without the `v`: `2.14.5`, `2.15.0-RC.1`. */
  readonly text: string
  readonly numbers: readonly [major: number, minor: number, patch: number]
  /** A version before the release of its numbers. */
  readonly isPreview: boolean
}

/** What is asked of a server: streams with several replicas, or with one. */
export type ServerNeed = 'replicated' | 'unreplicated'

/** The version that is installed where none is found. */
export const INSTALLED_VERSION = '2.14.5'

const shape = /(?:^|\s)v?((\d+)[.](\d+)[.](\d+)(-[0-9A-Za-z.-]+)?(?:[+][0-9A-Za-z.-]+)?)(?=\s|$)/

/** Reads `nats-server: v2.14.5` and `2.14.5`; `undefined` when there is no version in the text. */
export const parseServerVersion = (text: string): ServerVersion | undefined => {
  const found = shape.exec(text)
  if (found === null) return undefined
  const [, whole = '', major, minor, patch, preview] = found
  return { text: whole, numbers: [Number(major), Number(minor), Number(patch)], isPreview: preview !== undefined }
}

type Numbers = ServerVersion['numbers']

const compareNumbers = (left: Numbers, right: Numbers): number =>
  left[0] - right[0] || left[1] - right[1] || left[2] - right[2]

/** True when `version` is the release of these numbers or newer; a preview is older than its release. */
const isAtLeast = ({ numbers, isPreview }: ServerVersion, floor: Numbers): boolean => {
  const order = compareNumbers(numbers, floor)
  return order > 0 || (order === 0 && !isPreview)
}

/** V2 */
const replicatedRefusal = (version: ServerVersion): string | undefined => {
  const [major, minor] = version.numbers
  const isFit = major === 2 && minor === 12 ? isAtLeast(version, [2, 12, 15]) : isAtLeast(version, [2, 14, 5])
  return isFit ? undefined : 'replicated streams need 2.12.15 of 2.12, or 2.14.5 or newer'
}

/** V3 */
const unreplicatedRefusal = (version: ServerVersion): string | undefined => {
  if (!isAtLeast(version, [2, 9, 10])) return 'older than 2.9.10'
  const [major, minor, patch] = version.numbers
  const losesStreams = major === 2 && minor === 10 && patch >= 20 && patch <= 22
  if (losesStreams) return '2.10.20 to 2.10.22 lost streams when killed'
  return tracesAnywhere(version) ? 'before 2.11.15 and 2.12.6 any client could write to a log' : undefined
}

/** V4 */
const tracesAnywhere = (version: ServerVersion): boolean => {
  const [major, minor] = version.numbers
  const fixed = major === 2 ? ({ 11: [2, 11, 15], 12: [2, 12, 6] } as const)[minor] : undefined
  return fixed !== undefined && !isAtLeast(version, fixed)
}

/** Why a server of that version does not do for the need; `undefined` when it does. */
export const versionRefusal = (version: ServerVersion, need: ServerNeed): string | undefined =>
  need === 'replicated' ? replicatedRefusal(version) : unreplicatedRefusal(version)

/** The same of a version as a server says it; one that cannot be read does for nothing. */
export const refusalOf = (version: string, need: ServerNeed): string | undefined => {
  const parsed = parseServerVersion(version)
  return parsed === undefined ? 'tells no version' : versionRefusal(parsed, need)
}

/** Whether the server knows `sync_interval`; an older one refuses to start with it. */
export const knowsSyncInterval = (version: string): boolean => {
  const parsed = parseServerVersion(version)
  return parsed !== undefined && compareNumbers(parsed.numbers, [2, 10, 0]) >= 0
}
