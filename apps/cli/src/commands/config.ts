/**
 * `waggle config`: where a command would work, as whom, and what says so. It opens and asks nothing.
 *
 * G1  No secret is shown: of a password or a token only that there is one.
 */
import { DEFAULT_TENANT } from '@waggle/protocol'
import type { Command } from 'commander'
import type { Bind } from '../cli.ts'
import { placeOf, type ClusterPlace, type Place } from '../place/place.ts'
import type { Column } from '../terminal/table.ts'
import { tableLines } from '../terminal/table.ts'

/** What is in force, and what named it. */
interface Setting {
  readonly value: string
  readonly from: string
}

/** G1 */
const REDACTED = '(redacted)'

export const addConfigCommand = (program: Command, bind: Bind): void => {
  program
    .command('config')
    .description('where commands work and as whom, and what says so: an option, a variable, a context, the default')
    .action(
      bind(async ({ settings, host, output }) => {
        const { tenant } = settings
        const place = await placeOf(settings, host.environment)
        const inForce: Readonly<Record<string, Setting>> = {
          ...placeSettings(place),
          tenant: { value: tenant ?? DEFAULT_TENANT, from: tenant === undefined ? 'default' : '--tenant' },
        }
        await output.data(inForce, () => tableLines(columns, Object.entries(inForce), output.width))
        return 0
      }),
    )
}

const columns: readonly Column<[string, Setting]>[] = [
  { heading: 'setting', cell: ([name]) => name },
  { heading: 'value', cell: ([, { value }]) => value },
  { heading: 'from', cell: ([, { from }]) => from },
]

const placeSettings = (place: Place): Readonly<Record<string, Setting>> =>
  place.kind === 'folder'
    ? { path: { value: place.path, from: place.from } }
    : {
        server: { value: place.address.servers.join(','), from: place.from },
        ...credentialSettings(place),
        ...tlsSettings(place),
      }

const credentialSettings = ({
  address,
  credentialsFrom: from = '',
}: ClusterPlace): Readonly<Record<string, Setting>> => {
  const { user, password, token, creds } = address.credentials
  const values = {
    user,
    password: password === undefined ? undefined : REDACTED,
    token: token === undefined ? undefined : REDACTED,
    creds,
  }
  const present = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(present.map(([name, value]) => [name, { value, from }]))
}

/** The names of files are no secret. */
const tlsSettings = ({ address: { tls = {} }, tlsFrom = {} }: ClusterPlace): Readonly<Record<string, Setting>> =>
  Object.fromEntries(
    (Object.keys(tls) as (keyof typeof tls)[]).map((name) => [
      name,
      { value: tls[name] ?? '', from: tlsFrom[name] ?? '' },
    ]),
  )
