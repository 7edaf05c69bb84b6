/** Rights and users as text of a nats-server's configuration, for people who run their own server. */
import type { Permissions, SubjectRights } from '@waggle/protocol'

/** The lines of `permissions { … }`, each with `indent` in front. */
export const permissionLines = ({ publish, subscribe }: Permissions, indent = ''): readonly string[] =>
  ['permissions {', ...nested(rightLines('publish', publish)), ...nested(rightLines('subscribe', subscribe)), '}'].map(
    (line) => indent + line,
  )

export interface ExampleUser {
  readonly user: string
  readonly permissions: Permissions
  /** What it is for. */
  readonly comment: string
}

/** One entry of `users [ … ]`, with a variable for the password: the server does not start where it has no value. */
export const userLines = ({ user, permissions, comment }: ExampleUser): readonly string[] => [
  `# ${comment}`,
  '{',
  ...nested([`user: ${quoted(user)}`, `password: $${passwordVariable(user)}`, ...permissionLines(permissions)]),
  '}',
]

const passwordVariable = (user: string): string => `WAGGLE_${user.toUpperCase().replace(/[^A-Z0-9]/g, '_')}_PASSWORD`

export const nested = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`)

const rightLines = (name: string, { allow, deny }: SubjectRights): readonly string[] => [
  `${name} {`,
  // The server takes an empty list of allowed subjects for no limit at all.
  ...nested(allow.length === 0 ? listLines('deny', ['>']) : listLines('allow', allow)),
  ...(deny === undefined || allow.length === 0 ? [] : nested(listLines('deny', deny))),
  '}',
]

const listLines = (name: string, subjects: readonly string[]): readonly string[] => [
  `${name}: [`,
  ...nested(subjects.map(quoted)),
  ']',
]

/** In quotes, for the server takes a bare `$NAME` for a variable. Subjects and names of ours hold nothing to escape. */
const quoted = (text: string): string => JSON.stringify(text)
